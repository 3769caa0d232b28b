"""Layers stay compiled only if a trial shows that this saves time."""

import pytest
import torch

from pipelines.training.network.compiling import try_compiling


@pytest.mark.parametrize(
    ("compiled_seconds", "steps", "stays"),
    [(0.05, 100, False), (0.05, 10_000, True), (0.11, 10_000, False)],
    ids=["too short a run", "long and faster", "long and slower"],
)
def test_auto_keeps_what_a_trial_finds_faster(monkeypatch, compiled_seconds, steps, stays):
    """A plain pass takes 0.1 s: 100 steps are a short run, 10,000 a long one."""
    block, now = torch.nn.Linear(2, 2), [0.0]

    def run_pass():
        now[0] += compiled_seconds if "forward" in vars(block) else 0.1

    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    try_compiling([block], run_pass, False, steps, clock=lambda: now[0])
    assert ("forward" in vars(block)) is stays
