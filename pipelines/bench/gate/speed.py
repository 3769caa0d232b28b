"""Duration of judging 10,000 test texts, without the models' answers, beside a plain loop."""

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from pipelines.bench.gate.simulated_case import SimulatedCase
from pipelines.bench.gate.sound import simulated_scorecard
from pipelines.bench.part import BenchMeasure
from pipelines.catalog.gate import Gate
from pipelines.evaluation import measure
from pipelines.evaluation.case import CHALLENGER, CHAMPION
from pipelines.evaluation.slices import score_slices, slice_measures
from pipelines.evaluation.version_evaluation import EvaluationResult, regressions
from pipelines.kinds.classification.baseline import tfidf
from pipelines.kinds.classification.evaluation.label_calibration import compute_calibration
from pipelines.kinds.classification.evaluation.label_confidence import calibration_measures, scope_measures
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.classification.evaluation.label_scores import build_score_table
from pipelines.kinds.classification.evaluation.out_of_scope_recall import out_of_scope_scores
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.promotion.decision import Decision, decide
from pipelines.statistics.bootstrap import RESAMPLES, Interval

MAX_SECONDS = 20.0  # seconds
WHOLE = "metrics, resamples, baselines, slices, calibration, scope, flips and the decision"


def speed(case: SimulatedCase, resamples: int = RESAMPLES) -> Iterator[BenchMeasure]:
    """Seconds of judging without the models, and of one pair's interval, ours and scikit-learn's."""
    recipe = f"{len(case.test):,} texts, {len(case.spec.target.names)} labels"
    texts = (case.train["text"].tolist(), case.train["label"].tolist(), case.test["text"].tolist())
    whole, baseline = _seconds(lambda: judge_case(case)), _seconds(lambda: tfidf(*texts))
    ours, theirs = _seconds(lambda: _interval(case)), _seconds(lambda: interval_by_loop(case, resamples))
    yield BenchMeasure("speed", recipe, "seconds to judge", whole, MAX_SECONDS, note=WHOLE, at_most=True)
    yield BenchMeasure("speed", recipe, "of it the TF-IDF bar", baseline, note=f"learns from {len(case.train):,} texts")
    yield BenchMeasure("speed", recipe, "of it one pair's interval", ours, note=f"macro-F1, {RESAMPLES:,} resamples")
    yield BenchMeasure("speed", recipe, "the same by f1_score in a loop", theirs, note=f"{resamples:,} resamples")
    yield BenchMeasure("speed", recipe, "times as long as ours", theirs / ours)


def judge_case(case: SimulatedCase) -> tuple[Decision, pd.DataFrame]:
    """The decision on all evidence that needs no model, and the regressions."""
    references = case.test["label"].tolist()
    labels = {CHALLENGER: case.challenger.likeliest, CHAMPION: case.champion.likeliest}
    with tempfile.TemporaryDirectory() as cache:
        scores = build_score_table(case.spec, case.test, case.train, labels, cache, case.spec.target.names)
    gate = cast(Gate, case.spec.gate)
    evidence: tuple[measure.Measure | measure.Attachment, ...] = (
        *scores.attachments(),
        *calibration_measures(compute_calibration(references, case.challenger, case.champion), gate),
        *scope_measures(out_of_scope_scores(case.challenger.scores.max(1), case.outside.scores.max(1), 0.5), gate),
        *slice_measures(score_slices(case.spec.slices, case.test, *labels.values()), gate),
    )
    card = simulated_scorecard(len(references), scores, gate, *evidence)
    answers = case.test[["key", "label"]].assign(**labels)
    return decide(card, gate), regressions(EvaluationResult(card, answers, {}), case.test)


def interval_by_loop(case: SimulatedCase, resamples: int) -> tuple[float, float]:
    """The interval of the difference as it is usually computed; numeric labels are eight times faster than names."""
    codes = {label: code for code, label in enumerate(case.spec.target.names)}
    columns = (case.test["label"].tolist(), case.challenger.likeliest, case.champion.likeliest)
    references, challenger, champion = (np.array([codes[label] for label in column]) for column in columns)
    draw, differences = np.random.default_rng(0), []
    for _ in range(resamples):
        rows = draw.integers(0, len(references), len(references))
        scores = [f1_score(references[rows], answers[rows], average="macro") for answers in (challenger, champion)]
        differences.append(scores[0] - scores[1])
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)


def _interval(case: SimulatedCase) -> Interval:
    resampled = Resampled(case.test["label"].tolist(), case.spec.target.names)
    return resampled.difference(macro_f1, case.challenger.likeliest, case.champion.likeliest)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
