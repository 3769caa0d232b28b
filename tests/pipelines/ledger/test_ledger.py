import errno
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import pruning_entries
from pipelines.masking.identity import secret_key
from tests.pipelines.ledger.made import entry, event

made = partial(event, location="/somewhere", digest="d" * 64, reasons=("floor reached",))


def promotion(version=1):
    return made("promote", "sentiment", version)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.jsonl")


def test_the_last_promotion_names_the_champion(ledger):
    for one in (promotion(1), promotion(2), made("refuse", "sentiment", 3)):
        ledger.append(one)
    assert ledger.champion("sentiment").version == 2
    assert ledger.last_decision("sentiment", 3).event == made("refuse", "sentiment", 3)
    assert ledger.champion("intent") is None


def test_what_is_pruned_is_no_champion_and_its_decision_stays(ledger):
    for one in (promotion(1), promotion(2), made("prune", "sentiment", 1)):
        ledger.append(one)
    assert ledger.champion("sentiment").version == 2
    assert ledger.last_decision("sentiment", 1).event == promotion(1)
    assert set(pruning_entries(ledger.entries(), "sentiment")) == {1}


def test_what_is_promoted_again_is_not_pruned_any_more(ledger):
    for tag in ("promote", "prune", "promote"):
        ledger.append(made(tag, "sentiment", 1))
    assert pruning_entries(ledger.entries(), "sentiment") == {}
    assert pruning_entries([entry("promote", "sentiment", 1), entry("prune", "sentiment", 1)], "intent") == {}


def test_who_decided_on_what_is_no_longer_so_writes_nothing(ledger):
    ledger.append(promotion())

    def require(entries):
        if len(entries) > 1:
            raise ValueError("too late")

    second = ledger.append(promotion(2), require)
    with pytest.raises(ValueError, match="too late"):
        ledger.append(promotion(3), require)
    assert ledger.entries()[-1] == second


def test_each_entry_holds_the_hash_of_the_one_before(ledger):
    first, second = ledger.append(promotion()), ledger.append(promotion(2))
    assert second.previous == first.hash()
    assert [entry.version for entry in ledger.entries()] == [1, 2]


@pytest.mark.parametrize("line", [0, 1])
def test_a_changed_byte_is_noticed_at_its_line(ledger, line):
    for version in (1, 2, 3):
        ledger.append(promotion(version))
    lines = ledger.path.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace("floor", "flour")
    ledger.path.write_text("".join(lines))
    with pytest.raises(BrokenLedger, match=f":{line + 1} was altered"):
        ledger.entries()


def test_a_removed_entry_is_noticed(ledger):
    for version in (1, 2, 3):
        ledger.append(promotion(version))
    lines = ledger.path.read_text().splitlines(keepends=True)
    ledger.path.write_text("".join(lines[:1] + lines[2:]))
    with pytest.raises(BrokenLedger):
        ledger.champion("sentiment")


def test_a_line_torn_by_a_crash_is_skipped_and_overwritten(ledger):
    ledger.append(promotion())
    with ledger.path.open("a") as file:
        file.write('{"event": "promote", "model": "sent')
    assert ledger.champion("sentiment").version == 1
    ledger.append(promotion(2))
    assert [entry.version for entry in ledger.entries()] == [1, 2]


def test_an_entry_says_who_wrote_it_and_is_signed_with_the_key_of_its_home(ledger, tmp_path):
    written = ledger.append(replace(promotion(), evidence={"scorecard.json": "e" * 64}, override="the manager says so"))
    assert "@" in written.by
    assert written.signed(secret_key(tmp_path)).signature == written.signature
    assert ledger.entries() == [written]


def test_a_chain_that_somebody_else_wrote_is_not_believed(ledger, tmp_path):
    """Every hash fits, but a signature needs the home's key."""
    other = Ledger(tmp_path / "elsewhere" / "ledger.jsonl")
    other.append(promotion())
    ledger.append(promotion())
    ledger.path.write_bytes(other.path.read_bytes())
    with pytest.raises(BrokenLedger, match="not signed with this home's key"):
        ledger.champion("sentiment")


@given(st.data())
def test_no_byte_can_be_changed_unnoticed(data):
    with tempfile.TemporaryDirectory() as home:
        ledger = Ledger(Path(home) / "ledger.jsonl")
        for version in (1, 2):
            ledger.append(promotion(version))
        said = bytearray(ledger.path.read_bytes())
        place = data.draw(
            st.integers(0, len(said) - 2)
        )  # the last line's end: without it the line is torn, not changed
        said[place] ^= data.draw(st.integers(1, 255))
        ledger.path.write_bytes(bytes(said))
        with pytest.raises(BrokenLedger):
            ledger.entries()


def test_an_entry_that_a_full_disk_refuses_is_not_there(ledger, monkeypatch):
    ledger.append(promotion())
    before = ledger.path.read_bytes()

    def full(_path, *_arguments, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            ledger.append(promotion())
    assert ledger.path.read_bytes() == before
    assert len(ledger.entries()) == 1
