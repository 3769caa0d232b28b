"""How long ten thousand test texts take to judge beyond asking the models, beside the obvious loop."""

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from pipelines.bench.gate.simulated_case import Case
from pipelines.bench.gate.sound import simulated
from pipelines.bench.part import Measure
from pipelines.catalog.spec import Gate
from pipelines.evaluation import measure
from pipelines.evaluation.bootstrap import RESAMPLES, Interval
from pipelines.evaluation.case import CHALLENGER, CHAMPION
from pipelines.evaluation.slices import parted, slices
from pipelines.evaluation.version_evaluation import EvaluationResult, flips
from pipelines.kinds.classification.evaluation.label_calibration import trust
from pipelines.kinds.classification.evaluation.label_confidence import told_apart, trusted
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.classification.evaluation.label_scores import stood
from pipelines.kinds.classification.evaluation.out_of_scope_recall import scope
from pipelines.kinds.classification.label_baselines import tfidf
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.promotion.decision import Decision, decide

PATIENCE = 20.0  # seconds
WHOLE = "metrics, resamples, baselines, slices, calibration, scope, flips and the decision"


def speed(case: Case, resamples: int = RESAMPLES) -> Iterator[Measure]:
    """Seconds of everything that is judged beyond asking, and of one pair's interval, ours and by scikit-learn."""
    recipe = f"{len(case.test):,} texts, {len(case.spec.target.names)} labels"
    learnt = (case.train["text"].tolist(), case.train["label"].tolist(), case.test["text"].tolist())
    whole, bar = _seconds(lambda: judged(case)), _seconds(lambda: tfidf(*learnt))
    ours, theirs = _seconds(lambda: _interval(case)), _seconds(lambda: looped(case, resamples))
    yield Measure("speed", recipe, "seconds to judge", whole, PATIENCE, note=WHOLE, at_most=True)
    yield Measure("speed", recipe, "of it the TF-IDF bar", bar, note=f"learns from {len(case.train):,} texts")
    yield Measure("speed", recipe, "of it one pair's interval", ours, note=f"macro-F1, {RESAMPLES:,} resamples")
    yield Measure("speed", recipe, "the same by f1_score in a loop", theirs, note=f"{resamples:,} resamples")
    yield Measure("speed", recipe, "times as long as ours", theirs / ours)


def judged(case: Case) -> tuple[Decision, pd.DataFrame]:
    """The decision on all evidence that needs no further question to a model, and the negative flips."""
    given = case.test["label"].tolist()
    labels = {CHALLENGER: case.challenger.likeliest, CHAMPION: case.champion.likeliest}
    with tempfile.TemporaryDirectory() as cache:
        found = stood(case.spec, case.test, case.train, labels, cache, case.spec.target.names)
    gate = cast(Gate, case.spec.gate)
    shown: tuple[measure.Measure | measure.Attachment, ...] = (
        *found.attachments(),
        *trusted(trust(given, case.challenger, case.champion), gate),
        *told_apart(scope(case.challenger.scores.max(1), case.outside.scores.max(1), 0.5), gate),
        *parted(slices(case.spec.slices, case.test, *labels.values()), gate),
    )
    card = simulated(len(given), found, gate, *shown)
    answers = case.test[["key", "label"]].assign(**labels)
    return decide(card, gate), flips(EvaluationResult(card, answers, {}), case.test)


def looped(case: Case, resamples: int) -> tuple[float, float]:
    """The interval of the difference as it is usually written; labels are numbers, eight times faster than names."""
    places = {label: place for place, label in enumerate(case.spec.target.names)}
    columns = (case.test["label"].tolist(), case.challenger.likeliest, case.champion.likeliest)
    given, challenger, champion = (np.array([places[label] for label in column]) for column in columns)
    draw, found = np.random.default_rng(0), []
    for _ in range(resamples):
        rows = draw.integers(0, len(given), len(given))
        scores = [f1_score(given[rows], said[rows], average="macro") for said in (challenger, champion)]
        found.append(scores[0] - scores[1])
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _interval(case: Case) -> Interval:
    resampled = Resampled(case.test["label"].tolist(), case.spec.target.names)
    return resampled.difference(macro_f1, case.challenger.likeliest, case.champion.likeliest)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
