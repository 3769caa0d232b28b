"""`needloop labels`: feedback listed, withdrawn, set aside and restored, by row, key or customer."""

import json

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.masking.identity import customer_hash, secret_key
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.votes import AllowedCells, Sender

LABELS = AllowedCells(("baggage", "delay", "praise"))


@pytest.fixture
def store(settings):
    return Store(settings.database)


@pytest.fixture
def web(store):
    """The id of a key."""
    return store.create_key("web", ("predict", "feedback")).split("_")[1]


@pytest.fixture
def rows(store, web, settings):
    """Ids of five rows: two of customer c-1 with key web, one of a reviewer, two without a key and a customer."""
    customer = customer_hash("c-1", secret_key(settings.home))
    said = [
        ({"label": "baggage", "customer": customer}, Origin(web)),
        ({"label": "delay", "customer": customer}, Origin(web)),
        ({"correct": True}, Origin("signin", review=True)),
        ({"rating": 2, "comment": "not [b]again[/b]"}, Origin()),
        ({"correct": False}, Origin()),
    ]
    ids = []
    for number, (what, origin) in enumerate(said):
        one = Prediction("topics", 1, f"k{number}", f"write me at <EMAIL> {number}", "praise", 0.5, {"praise": 0.5})
        store.record([one])
        ids.append(store.add(Feedback(one.id, **what), origin=origin).id)
    return ids


def labels(*words, status=0):
    done = CliRunner().invoke(app, ["labels", *map(str, words)], env={"COLUMNS": "200"})
    assert done.exit_code == status, done.output
    return done.output


def listed(*words):
    return [row["id"] for row in json.loads(labels("list", *words, "--json"))["rows"]]


def labels_learnt(store):
    return sorted(lesson.label for lesson in store.labelled_texts("topics", LABELS))


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ((), [4, 3, 2, 1, 0]),
        (("--key", "web"), [1, 0]),
        (("--key", "signin"), [2]),
        (("--no-key",), [4, 3]),
        (("--key", "nobody"), []),
        (("--customer", "c-1"), [1, 0]),
        (("--no-customer",), [4, 3, 2]),
        (("--no-key", "--no-customer", "--model", "topics"), [4, 3]),
        (("--model", "intent"), []),
        (("--limit", "2"), [4, 3]),
    ],
)
def test_rows_are_listed_by_their_sender(rows, options, places):
    assert listed(*options) == [rows[place] for place in places]


def test_a_customer_is_found_by_the_digits_that_the_list_shows(rows):
    (row,) = json.loads(labels("list", rows[0], "--json"))["rows"]
    assert row["customer"][:12] in labels("list", "--key", "web")
    assert listed("--customer", row["customer"][:12]) == [rows[1], rows[0]]
    assert listed("--customer", row["customer"][:11]) == []


def test_the_list_shows_masked_texts_what_was_said_by_whom_and_counts_all_that_match(rows):
    found = labels("list", "--limit", 4)
    for part in ("write me at <EMAIL> 3", "2 of 5 stars", "“not [b]again[/b]”", "wrong", "signin (reviewer)", "web"):
        assert part in found
    assert "5 rows: 5 counted, 0 set aside, 0 taken back; the newest 4 are listed, --limit lists more" in found
    told = json.loads(labels("list", "--limit", 1, "--json"))
    assert told["counts"] == {"rows": 5, "standing": 5, "undone": 0, "set_aside": 0}
    assert (told["rows"][0]["prediction"], told["rows"][0]["correct"], told["rows"][0]["review"]) != (None, None, None)


def test_all_rows_of_a_key_are_set_aside_at_once_and_restored(rows, store):
    assert labels_learnt(store) == ["baggage", "delay", "praise"]
    assert labels("set-aside", "--key", "web", "--dry-run") == "2 of 2 rows would be set aside\n"
    assert labels_learnt(store) == ["baggage", "delay", "praise"]
    assert labels("set-aside", "--key", "web") == "2 of 2 rows set aside\n"
    assert labels_learnt(store) == ["praise"]
    assert listed("--set-aside") == [rows[1], rows[0]]
    assert "set aside by a person" in labels("list", "--set-aside")
    assert labels("restore", "--customer", "c-1", "--dry-run") == "2 of 2 rows would be restored\n"
    assert labels("restore", "--customer", "c-1") == "2 of 2 rows restored\n"
    assert labels_learnt(store) == ["baggage", "delay", "praise"]


def test_rows_are_taken_back_for_good(rows, store):
    assert json.loads(labels("undo", rows[0], rows[3], "--dry-run", "--json"))["taken_back"] == 2
    told = json.loads(labels("undo", rows[0], rows[3], "--json"))
    chosen = {"rows": 2, "standing": 2, "undone": 0, "set_aside": 0}
    assert told == {"taken_back": 2, "dry_run": False, "chosen": chosen}
    assert labels("undo", "--key", "web") == "1 of 2 rows taken back\n"
    assert labels("restore", "--key", "web") == "0 of 2 rows restored\n"
    assert labels_learnt(store) == ["praise"]
    assert "taken back" in labels("list", rows[0])


def test_what_a_run_set_aside_is_listed_as_such_and_taken_back_as_a_whole(rows, store):
    store.feedback_cleanup().set_sender_aside("topics", Sender(None), "the shares of the labels")
    assert "set aside by a run" in labels("list", "--no-key")
    assert labels("undo", "--set-aside") == "2 of 2 rows taken back\n"
    assert store.feedback_cleanup().aside() == []


@pytest.mark.parametrize("command", ["undo", "set-aside", "restore"])
def test_every_row_is_not_changed_by_a_forgotten_option(rows, store, command):
    assert "choose rows" in labels(command, status=2)
    assert labels_learnt(store) == ["baggage", "delay", "praise"]


@pytest.mark.parametrize("twice", [("--key", "web", "--no-key"), ("--customer", "c-1", "--no-customer")])
def test_options_that_contradict_each_other_are_refused(rows, twice):
    assert "give only one of" in labels("set-aside", *twice, status=2)


@pytest.mark.parametrize("command", ["undo", "set-aside", "restore"])
@pytest.mark.parametrize("option", ["--key", "--customer", "--model"])
def test_an_empty_value_chooses_no_row(rows, store, command, option):
    assert f"{option} is empty" in labels(command, option, "", "--no-customer", "--dry-run", status=2)


@pytest.mark.parametrize("command", ["undo", "set-aside", "restore"])
@pytest.mark.parametrize("wrong", [("--key", "nosuch"), ("--model", "nosuch"), ("--customer", "nosuch"), ("99999",)])
def test_a_choice_that_matches_no_row_is_an_error(rows, command, wrong):
    assert "no row matches" in labels(command, *wrong, status=1)


def test_an_id_that_no_database_keeps_is_refused(rows):
    assert "9223372036854775807" in labels("undo", "9" * 23, status=2)


def test_at_eighty_columns_nothing_is_cut_that_a_person_would_copy(rows):
    shown = CliRunner().invoke(app, ["labels", "list"], env={"COLUMNS": "80"}).output
    (row, *_) = json.loads(labels("list", "--key", "web", "--json"))["rows"]
    assert row["customer"][:12] in shown
    assert "\u2026" not in shown
