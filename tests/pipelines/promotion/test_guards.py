"""The guards that abort a canary, and their sentences."""

import pytest

from pipelines.promotion.guards import GUARDS, Arms, figures, harm
from pipelines.promotion.sequential import BernoulliCount

QUIET = Arms(BernoulliCount(400, 0), BernoulliCount(3600, 0))
FAILS = Arms(BernoulliCount(20, 20), BernoulliCount(20, 0))


@pytest.mark.parametrize(
    ("seen", "named"),
    [
        ({}, []),
        ({guard.name: Arms() for guard in GUARDS}, []),
        ({guard.name: QUIET for guard in GUARDS}, []),
        ({"errors": Arms(BernoulliCount(8, 8), BernoulliCount(8, 0))}, ["errors"]),
        ({"errors": Arms(BernoulliCount(400, 4), BernoulliCount(3600, 30))}, []),
        ({"latency": Arms(BernoulliCount(12, 12), BernoulliCount(100, 5)), "errors": QUIET}, ["latency"]),
        ({"latency": Arms(BernoulliCount(1000, 90), BernoulliCount(9000, 450))}, []),
        ({"satisfaction": Arms(BernoulliCount(60, 40), BernoulliCount(500, 75))}, ["satisfaction"]),
        ({"satisfaction": Arms(BernoulliCount(60, 5), BernoulliCount(500, 200))}, []),
        ({"errors": FAILS, "satisfaction": Arms(BernoulliCount(60, 50), BernoulliCount(60, 5))}, "both"),
    ],
    ids=[
        "nothing is counted", "nothing was seen", "no harm", "all fail", "as rarely as the champion", "slow",
        "as slow as is allowed", "displeases", "pleases more", "fails and displeases",
    ],
)  # fmt: skip
def test_shown_harm_aborts_and_nothing_else_does(seen, named):
    found = [reason.partition(":")[0] for reason in harm(seen)]
    assert found == (["errors", "satisfaction"] if named == "both" else named)


def test_a_reason_holds_its_figures():
    (reason,) = harm({"errors": Arms(BernoulliCount(30, 29), BernoulliCount(300, 0))})
    assert reason.startswith(
        "errors: 29 of 30 of the challenger's requests failed, 0 of 300 of the champion's: at least "
    )
    assert reason.endswith(" points more, 1 are allowed")


def test_a_listing_has_every_guard_with_counts_and_bounds_also_before_anything_was_seen():
    told = figures({"errors": Arms(BernoulliCount(30, 29), BernoulliCount(300, 0))})
    assert [one["guard"] for one in told] == [guard.name for guard in GUARDS]
    errors, latency, _ = told
    assert errors["challenger"] == {"tries": 30, "hits": 29}
    assert 0.5 < errors["worse_at_least"] < 29 / 30 < errors["worse_at_most"] <= 1
    assert (latency["worse_at_least"], latency["worse_at_most"]) == (-1, 1)
