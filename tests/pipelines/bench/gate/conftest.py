"""Answers of two models to a few texts, and a gate to judge them by."""

import numpy as np
import pytest

from pipelines.bench.gate.population import population
from pipelines.bench.gate.promotion_counts import Arena
from pipelines.bench.gate.saved import Saved
from pipelines.bench.gate.trial_processes import crew
from pipelines.catalog.spec import Gate

LABELS = ("bag", "delay", "refund", "praise", "seat", "staff", "booking", "other")
GATE = Gate(macro_f1=0, accuracy=0, margin=0.05, lead=0)


@pytest.fixture
def of():
    """Two models that have nine of ten texts right each."""
    draw = np.random.default_rng(1)
    given = draw.integers(0, 8, 400)
    instead = (given + draw.integers(1, 8, (2, 400))) % 8
    return population(Saved(LABELS, given, np.where(draw.random((2, 400)) < 0.9, given, instead), instead))


@pytest.fixture
def arena(of, bench):
    with crew(1) as do:
        yield Arena("small", of, GATE, bench, do)
