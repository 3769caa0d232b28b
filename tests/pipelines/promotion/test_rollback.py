import pytest

from pipelines.promotion.rollback import NoRollbackTarget, rollback_target
from tests.pipelines.ledger.made import entry


def history(*events):
    """Entries of one model, from words such as `promote 1`."""
    told = [one.split() for one in events]
    return [entry(tag, "topics", int(version), time="2026-03-01T10:00:00") for tag, version in told]


def test_the_way_back_leads_past_what_was_refused_and_what_was_pruned():
    entries = history("promote 1", "promote 2", "promote 3", "refuse 4", "promote 5", "prune 3")
    assert rollback_target(entries, "topics", None).version == 2
    assert rollback_target(entries, "topics", 1).version == 1


def test_who_went_back_goes_further_back_the_next_time_and_forward_only_by_name():
    entries = history("promote 1", "promote 2", "promote 3", "rollback 2")
    assert rollback_target(entries, "topics", None).version == 1
    assert rollback_target(entries, "topics", 3).version == 3
    with pytest.raises(NoRollbackTarget, match="champions other than 1 were 2, 3; choose one with --to"):
        rollback_target([*entries, *history("rollback 1")], "topics", None)
    forward = [*entries, *history("rollback 3")]
    assert rollback_target(forward, "topics", None).version == 2


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (1, r"cannot be rolled back to version 1: champions other than 3 were 1 \(pruned on 2026-03-01\), 2"),
        (4, "cannot be rolled back to version 4"),
        (3, "cannot be rolled back to version 3"),
    ],
)
def test_a_version_without_a_way_back_says_why(to, said):
    with pytest.raises(NoRollbackTarget, match=said):
        rollback_target(history("promote 1", "promote 2", "promote 3", "prune 1"), "topics", to)
