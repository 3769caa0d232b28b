"""Slow feedback totals are not computed at every request."""

import time

import pytest

from pipelines.serving.console import console_context
from pipelines.serving.console.console_context import FeedbackTotals


@pytest.mark.parametrize(("seconds", "taken"), [(0, 3), (0.02, 1)], ids=["quick", "slow"])
def test_what_takes_long_is_relied_on_for_longer(monkeypatch, seconds, taken):
    monkeypatch.setattr(console_context, "QUICK_SECONDS", 0.01)
    monkeypatch.setattr(console_context, "TIMES", 1000)
    known, calls = FeedbackTotals(), []

    def count():
        time.sleep(seconds)
        calls.append(1)
        return len(calls)

    if seconds == 0:
        monkeypatch.setattr(console_context, "QUICK_SECONDS", 60)
    found = [known.of("ties", count) for _ in range(3)]
    assert (len(calls), found[-1]) == (taken, taken)
    known.of("waiting", count)
    assert len(calls) == taken + 1
