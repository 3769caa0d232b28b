"""Measures of a challenger's labels: floors, and the gain over the baselines."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from pipelines.catalog.gate import Gate
from pipelines.evaluation.measure import Measure, floor, missing_evidence, none_allowed
from pipelines.kinds.labelled.against_champion import Counts
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import holm, p_below

UNDER_FLOOR, GATE_FIELDS = "test.labels_under_floor", ("recall", "alpha")


def texts_measure(rows: int) -> Measure:
    """Require at least one test text."""
    wording = missing_evidence("any test text") if rows < 1 else ""
    return Measure("test.texts", rows, limit=1, direction="at least", premise=True, wording=wording)


def overall_measures(macro_f1: Interval, accuracy: Interval, gate: Gate, accuracy_name: str) -> Iterator[Measure]:
    """Compare macro-F1 and accuracy with their floors; `accuracy_name` is the display name of accuracy."""
    yield _with_interval(floor("test.macro_f1", macro_f1.value, gate.min_macro_f1, "macro-F1", "macro_f1"), macro_f1)
    yield _with_interval(floor("test.accuracy", accuracy.value, gate.min_accuracy, accuracy_name, "accuracy"), accuracy)


def _with_interval(measure: Measure, interval: Interval) -> Measure:
    return replace(measure, low=interval.low, high=interval.high)


def label_recall_measure(counts: Counts, absent: Collection[str], gate: Gate) -> Measure:
    """Compare the recall of each label with its floor, with a family-wise error of at most `alpha`."""
    if gate.min_recall > 0 and absent:
        refusal = f"no test text of {', '.join(sorted(absent))}: bring more messages, or declare gate.min_recall = 0"
        return none_allowed(UNDER_FLOOR, len(absent), refusal, *GATE_FIELDS)
    p_values = {label: p_below(hits, texts, gate.min_recall) for label, (hits, texts) in counts.items() if texts}
    under = holm(p_values, gate.alpha)
    listed = ", ".join(f"{label} ({counts[label][0]} of {counts[label][1]})" for label in under)
    return none_allowed(UNDER_FLOOR, len(under), f"recall under {gate.min_recall:.2f}: {listed}", *GATE_FIELDS)


def gain_measures(gain: Interval, accuracy_gain: float, gate: Gate, *, first: bool, refusal: str) -> Iterator[Measure]:
    """Compare the gain over the baselines with the gate for the `first` model; for later ones it only informs.

    `gain` is macro-F1 over TF-IDF, `accuracy_gain` accuracy over the commonest answer; below 0 the reason is `refusal`.
    """
    measure = Measure("lead.macro_f1", gain.value, gain.low, gain.high, gate=("lead",))
    if not first:
        yield measure
        return
    outcome = "reaches" if gain.value >= gate.min_gain_over_baseline else "is under"
    wording = f"macro-F1 {gain.value:+.3f} over TF-IDF {outcome} {gate.min_gain_over_baseline:+.3f}"
    yield replace(measure, limit=gate.min_gain_over_baseline, direction="at least", wording=wording)
    reason = "" if accuracy_gain >= 0 else refusal
    yield Measure("lead.accuracy", accuracy_gain, limit=0, direction="at least", wording=reason)
