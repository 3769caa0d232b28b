"""Measures of a challenger against the champion: overall, and on every label."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipelines.catalog.gate import Gate
from pipelines.evaluation.measure import Direction, Measure, none_allowed
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs, holm

MIN_LOST = 3  # lost texts of a label: the champion may have had fewer right by chance
Counts = Mapping[str, tuple[int, int]]  # by label: right answers, and texts with that label


def no_champion_measures() -> Iterator[Measure]:
    """Yield the measures without limits for a model without a champion."""
    for name, *thresholds in (("macro_f1", "margin", "claim"), ("labels_fallen", "fall"), ("flips", "flips")):
        yield Measure(f"gain.{name}", None, gate=tuple(thresholds))


def gain_measure(gain: Interval, gate: Gate) -> Measure:
    """Compare the gain in macro-F1 with the hypothesis of the gate."""
    limit = 0.0 if gate.hypothesis == "superior" else -gate.margin
    direction: Direction = "surely above" if gate.hypothesis == "superior" else "surely at least"
    measure = Measure("gain.macro_f1", gain.value, gain.low, gain.high, limit, direction, ("margin", "claim"))
    claim = "better than" if gate.hypothesis == "superior" else "as good as"
    outcome = "better than" if gain.low > 0 else "no worse than" if measure.passes else f"not shown {claim}"
    finding = f"{outcome} the champion: macro-F1 {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
    return replace(measure, wording=finding)


def worse_labels_measure(labels: Mapping[str, Pairs], gate: Gate) -> Measure:
    """Refuse labels that are significantly worse, with a family-wise error of at most `alpha`."""
    worse = holm({label: pairs.p_worse for label, pairs in labels.items()}, gate.alpha)
    listed = ", ".join(f"{label} ({labels[label].lost} lost, {labels[label].gained} gained)" for label in worse)
    return none_allowed("gain.labels_worse", len(worse), f"worse than the champion on {listed}", "alpha")


def recall_drop_measure(by_label: Mapping[str, Pairs], counts: Counts, gate: Gate) -> Measure:
    """Refuse labels with a large significant drop in recall, from the paired answers to the texts of each label.

    Each label is tested by itself: corrected for many labels, only an extreme drop would be significant.
    """
    support = {label: texts for label, (_, texts) in counts.items()}
    dropped = [
        f"{label} ({pairs.lost} lost, {pairs.gained} gained of {support[label]})"
        for label, pairs in by_label.items()
        if pairs.p_worse < gate.alpha
        and pairs.lost - pairs.gained > gate.max_recall_drop * (support.get(label) or math.inf)
    ]
    finding = f"recall fell by more than {gate.max_recall_drop:.0%} on {', '.join(dropped)}"
    return none_allowed("gain.labels_fallen", len(dropped), finding, "fall", "alpha")


def forgotten_labels_measure(by_label: Mapping[str, Pairs], counts: Counts) -> Measure:
    """Refuse labels that are never right any more; with few texts no test would be significant."""
    right = {label: hits for label, (hits, _) in counts.items()}
    forgotten = [label for label, pairs in by_label.items() if pairs.lost >= MIN_LOST and right.get(label) == 0]
    return none_allowed("gain.labels_forgotten", len(forgotten), f"never right any more on {', '.join(forgotten)}")
