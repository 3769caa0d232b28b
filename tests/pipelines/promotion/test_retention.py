"""The versions that a cleanup may remove, and those that it never removes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ledger.queries import promotes
from pipelines.promotion.retention import protected_versions, removable_versions, unused_snapshots
from tests.pipelines.ledger.made import entry


def history(*events):
    """Entries of one model, from words such as `promote 1`."""
    return [entry(tag, "topics", int(version)) for tag, version in (one.split() for one in events)]


PROMOTED = ("promote 1", "promote 2", "promote 3", "promote 4", "promote 5")


@pytest.mark.parametrize(
    ("versions", "events", "keep", "gone"),
    [
        (range(1, 6), PROMOTED, 3, [1, 2]),
        (range(1, 6), PROMOTED, 0, [1, 2, 3]),
        (range(1, 6), PROMOTED, 9, []),
        (range(1, 6), ("promote 1", "refuse 2", "refuse 3", "refuse 4", "refuse 5"), 1, [2, 3, 4]),
        (range(1, 6), ("promote 1", "promote 2", "refuse 3", "refuse 4", "refuse 5"), 1, [3, 4]),
        (range(1, 6), (*PROMOTED, "rollback 2"), 0, [1, 3, 4]),
        (range(1, 6), (*PROMOTED, "promote 5"), 0, [1, 2, 3]),
        (range(1, 6), ("promote 1", "promote 3", "refuse 2"), 0, [4, 5]),
        (range(1, 6), (*PROMOTED, "prune 1", "prune 2"), 9, [1, 2]),
        (range(1, 6), (*PROMOTED, "prune 1", "prune 4"), 2, [1, 2, 4]),
        (range(1, 6), (*PROMOTED, "prune 1", "promote 1"), 0, [2, 3, 4]),
        (range(1, 6), ("promote 1", "hold 2", "hold 3", "refuse 4", "refuse 5"), 0, [4]),
        (range(1, 6), ("promote 1", "hold 2", "promote 3", "hold 4", "refuse 4"), 0, [2, 5]),
        ((1, 5), PROMOTED, 0, [1]),
        (range(1, 4), (), 2, [1]),
        ((), (), 3, []),
        ((), PROMOTED, 0, []),
    ],
    ids=[
        "the newest three",
        "champion and the one before",
        "more than there are",
        "an old champion",
        "an old champion and the one before it",
        "champion after a way back, and where it came from",
        "crowned twice",
        "a version judged late",
        "what a killed run announced",
        "announced ones count neither as newest nor as the one before",
        "announced, then promoted all the same",
        "what is held",
        "held before another was crowned, or refused afterwards",
        "what is not registered any more",
        "never judged",
        "nothing",
        "nothing registered",
    ],
)
def test_only_what_nobody_needs_goes(versions, events, keep, gone):
    assert removable_versions(list(versions), history(*events), keep) == gone


EVENTS = st.lists(
    st.tuples(st.sampled_from(["promote", "refuse", "hold", "rollback", "prune"]), st.integers(1, 8)), max_size=12
)


@given(EVENTS, st.sets(st.integers(1, 8)), st.integers(0, 4))
def test_champion_and_newest_stay_whatever_happened(events, versions, keep):
    entries = [entry(tag, "topics", version) for tag, version in events]
    gone = removable_versions(versions, entries, keep)
    champions = [one.version for one in entries if promotes(one)]
    assert not set(champions[-1:]) & set(gone)
    assert set(gone) <= versions - protected_versions(entries)
    assert removable_versions(versions - set(gone), entries, keep) == []


def test_snapshots_that_a_version_a_run_or_a_decision_needs_stay():
    digests = {name: name[0] * 64 for name in ("kept", "run", "judged", "old")}
    there = [f"s3://loop/snapshots/topics/{digest}.parquet" for digest in digests.values()]
    moved = f"/mnt/elsewhere/snapshots/topics/{digests['judged']}.parquet"
    judged = [entry("promote", "topics", 1, evidence={moved: "0" * 64})]
    assert unused_snapshots(there, judged, [digests["kept"], digests["run"][:32]]) == [there[3]]
    assert unused_snapshots(there, [], []) == there
