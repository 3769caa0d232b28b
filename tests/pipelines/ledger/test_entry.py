"""Each typed event keeps the JSON line of its untyped predecessor: older programs read the same ledger."""

import json
import shutil
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import EVENT_CLASSES, GENESIS, Entry, decode, encode, parse_entry
from pipelines.ledger.events import Canary, Event, EventFields, Hold, Pause, Promotion, Subject
from pipelines.ledger.ledger import Ledger

# Ledgers of one home each, written by the programs of these commits and signed with this key.
WRITTEN = Path(__file__).parent / "written"
KEY = bytes(range(32))
COMMITS = ["5f045c1", "eb052b1"]


@pytest.fixture(params=COMMITS)
def old(request, tmp_path):
    for file in (WRITTEN / request.param).iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "secret.key").write_bytes(KEY)
    return Ledger(tmp_path / "ledger.jsonl")


def test_old_lines_hold_every_event(old):
    assert {entry.event.tag for entry in old.entries()} == set(EVENT_CLASSES)


def test_old_lines_verify_and_keep_their_bytes(old):
    lines = old.path.read_bytes().splitlines()
    assert [entry.line().encode() for entry in old.entries()] == lines
    assert [entry.signed(KEY).signature for entry in old.entries()] == [json.loads(line)["signature"] for line in lines]


def test_the_same_events_make_the_same_lines_anew(old):
    previous = GENESIS
    for entry in old.entries():
        again = Entry(entry.event, entry.by, entry.time, previous, home="elsewhere").signed(KEY)
        assert (again.line(), again) == (entry.line(), entry)
        previous = again.hash()


def test_an_old_ledger_goes_on(old):
    before = old.entries()
    written = old.append(Hold(Subject("mood", 9, "", "", "", ""), ("good",), 4))
    assert old.entries() == [*before, written]


def test_old_fields_are_found_in_their_events(old):
    events = [entry.event for entry in old.entries()]
    canaries = [(one.share, one.hours, one.override) for one in events if isinstance(one, Canary)]
    assert canaries == [(0.1, 24.0, ""), (0.25, 3, "a test: 我们试试")]
    assert [one.answer for one in events if isinstance(one, Pause)] == ["", "good"]
    assert [one.override for one in events if isinstance(one, Promotion)] == ["", "the campaign starts", ""]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
OWN = {
    "evidence": st.dictionaries(TEXT, TEXT),
    "override": TEXT,
    "answer": TEXT,
    "share": st.floats(0, 1),
    "hours": st.floats(0, 1000),
}
SUBJECTS = st.builds(Subject, TEXT, st.integers(1), TEXT, TEXT, TEXT, TEXT, st.integers(0))
SHARED = {"subject": SUBJECTS, "reasons": st.lists(TEXT).map(tuple), "champion": st.none() | st.integers(1)}


def events(kind):
    own = {field.name for field in fields(kind)} - {field.name for field in fields(EventFields)}
    return st.builds(kind, **SHARED, **{name: OWN[name] for name in own})


EVENTS = st.one_of([events(kind) for kind in get_args(Event)])


@given(EVENTS, TEXT, TEXT)
def test_whatever_an_event_says_is_read_back(event, by, time):
    entry = Entry(event, by, time, "a" * 64).signed(KEY)
    again = parse_entry(entry.line().encode(), Path("home"))
    assert again == entry
    assert type(again.event) is type(event)
    assert again.line() == entry.line()


@given(EVENTS)
def test_every_line_names_the_fields_that_it_always_had(event):
    always = {"event", "model", "version", "location", "digest", "data", "gate", "reasons", "champion", "feedback"}
    assert encode(event).keys() - {"answer", "share", "hours"} == always | {"evidence", "override"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": "praise"}, "does not support the event 'praise'"),
        ({"override": "because"}, "the event 'hold' has no override"),
        ({"share": 0.5}, "the event 'hold' has no share"),
        ({"mood": "good"}, "the event 'hold' has no mood"),
    ],
    ids=["unknown event", "another event's field", "another event's later field", "unknown field"],
)
def test_a_line_that_says_more_than_its_event_can_say_is_none(change, message):
    line = encode(Hold(Subject("mood", 1, "", "", "", ""), (), None))
    with pytest.raises(ValueError, match=message):
        decode(line | change)


@pytest.mark.parametrize("line", [b"[]", b"1", b'"event"', b"{}", b"{", b"\xff"])
def test_what_is_no_entry_at_all_is_told_with_its_place(tmp_path, line):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    (tmp_path / "secret.key").write_bytes(KEY)
    ledger.path.write_bytes(line + b"\n")
    with pytest.raises(BrokenLedger, match=":1 is not a ledger entry"):
        ledger.entries()
