"""Answers of two models to some texts, as a population for trials of the gate."""

import numpy as np
import pytest

from pipelines.bench.gate.population import make_population
from pipelines.bench.gate.promotion_counts import Arena
from pipelines.bench.gate.saved import SavedAnswers
from pipelines.bench.gate.trial_processes import worker_pool
from pipelines.catalog.gate import Gate

LABELS = ("bag", "delay", "refund", "praise", "seat", "staff", "booking", "other")
GATE = Gate(min_macro_f1=0, min_accuracy=0, margin=0.05, min_gain_over_baseline=0)


@pytest.fixture
def of():
    """Two models, each right on nine of ten texts."""
    draw = np.random.default_rng(1)
    given = draw.integers(0, 8, 400)
    instead = (given + draw.integers(1, 8, (2, 400))) % 8
    return make_population(SavedAnswers(LABELS, given, np.where(draw.random((2, 400)) < 0.9, given, instead), instead))


@pytest.fixture
def arena(of, bench):
    with worker_pool(1) as do:
        yield Arena("small", of, GATE, bench, do)
