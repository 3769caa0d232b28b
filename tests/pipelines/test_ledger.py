from dataclasses import replace

import pytest

from pipelines.ledger import BrokenLedger, Entry, Ledger

ENTRY = Entry("promote", "sentiment", 1, "/somewhere", "d" * 64, "s" * 64, "g" * 64, ("floor reached",), None)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.jsonl")


def test_the_last_promotion_names_the_champion(ledger):
    for entry in (ENTRY, replace(ENTRY, version=2), replace(ENTRY, version=3, event="refuse")):
        ledger.append(entry)
    assert ledger.champion("sentiment").version == 2
    assert ledger.judged("sentiment", 3).event == "refuse"
    assert ledger.champion("intent") is None


def test_each_entry_holds_the_hash_of_the_one_before(ledger):
    first, second = ledger.append(ENTRY), ledger.append(replace(ENTRY, version=2))
    assert second.previous == first.hash()
    assert [entry.version for entry in ledger.entries()] == [1, 2]


@pytest.mark.parametrize("line", [0, 1])
def test_a_changed_byte_is_noticed_at_its_line(ledger, line):
    for version in (1, 2, 3):
        ledger.append(replace(ENTRY, version=version))
    lines = ledger.path.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace("floor", "flour")
    ledger.path.write_text("".join(lines))
    with pytest.raises(BrokenLedger, match=f":{line + 2} was altered"):
        ledger.entries()


def test_a_removed_entry_is_noticed(ledger):
    for version in (1, 2, 3):
        ledger.append(replace(ENTRY, version=version))
    lines = ledger.path.read_text().splitlines(keepends=True)
    ledger.path.write_text("".join(lines[:1] + lines[2:]))
    with pytest.raises(BrokenLedger):
        ledger.champion("sentiment")


def test_a_line_torn_by_a_crash_is_skipped_and_overwritten(ledger):
    ledger.append(ENTRY)
    with ledger.path.open("a") as file:
        file.write('{"event": "promote", "model": "sent')
    assert ledger.champion("sentiment").version == 1
    ledger.append(replace(ENTRY, version=2))
    assert [entry.version for entry in ledger.entries()] == [1, 2]
