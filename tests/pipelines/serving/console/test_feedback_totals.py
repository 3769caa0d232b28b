"""Slow feedback totals are not computed at every request."""

import time

import pytest

from pipelines.serving.console import feedback_totals
from pipelines.serving.console.feedback_totals import FeedbackTotals


@pytest.mark.parametrize(("seconds", "taken"), [(0, 3), (0.02, 1)], ids=["quick", "slow"])
def test_what_takes_long_is_relied_on_for_longer(monkeypatch, seconds, taken):
    monkeypatch.setattr(feedback_totals, "QUICK_SECONDS", 0.01)
    monkeypatch.setattr(feedback_totals, "TIMES", 1000)
    known, calls = FeedbackTotals(), []

    def count():
        time.sleep(seconds)
        calls.append(1)
        return len(calls)

    if seconds == 0:
        monkeypatch.setattr(feedback_totals, "QUICK_SECONDS", 60)
    found = [known.of("ties", count) for _ in range(3)]
    assert (len(calls), found[-1]) == (taken, taken)
    known.of("waiting", count)
    assert len(calls) == taken + 1
