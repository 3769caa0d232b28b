"""A challenger against the champion, as measures of labels: over all, and on every label."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipelines.catalog.spec import Gate
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.measure import Direction, Measure, counted
from pipelines.evaluation.significance import Pairs, holm

KNOWN = 3  # texts of a label that the champion had right: fewer it may have had by chance
Counts = Mapping[str, tuple[int, int]]  # by label: right answers to the texts that carry it, and how many do


def unasked() -> Iterator[Measure]:
    """Without a champion nothing is asked against it."""
    for name, *asked in (("macro_f1", "margin", "claim"), ("labels_fallen", "fall"), ("flips", "flips")):
        yield Measure(f"gain.{name}", None, gate=tuple(asked))


def no_worse(gain: Interval, gate: Gate) -> Measure:
    """The macro-F1 gained, with what the gate claims of it."""
    limit = 0.0 if gate.claim == "better" else -gate.margin
    direction: Direction = "surely above" if gate.claim == "better" else "surely at least"
    measure = Measure("gain.macro_f1", gain.value, gain.low, gain.high, limit, direction, ("margin", "claim"))
    wanted = "better than" if gate.claim == "better" else "as good as"
    sure = "better than" if gain.low > 0 else "no worse than" if measure.held else f"not shown {wanted}"
    said = f"{sure} the champion: macro-F1 {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
    return replace(measure, wording=said)


def broken(labels: Mapping[str, Pairs], gate: Gate) -> Measure:
    """Labels that are told worse than chance explains, with one wrong claim in all at most `alpha` likely."""
    worse = holm({label: pairs.p_worse for label, pairs in labels.items()}, gate.alpha)
    said = ", ".join(f"{label} ({labels[label].lost} lost, {labels[label].gained} gained)" for label in worse)
    return counted("gain.labels_worse", len(worse), f"worse than the champion on {said}", "alpha")


def fallen(carried: Mapping[str, Pairs], counts: Counts, gate: Gate) -> Measure:
    """Labels whose recall fell deep, by pairs of the texts that carry each.

    Each is judged by itself, because of many labels one alone must stand out very far.
    """
    support = {label: texts for label, (_, texts) in counts.items()}
    fell = [
        f"{label} ({pairs.lost} lost, {pairs.gained} gained of {support[label]})"
        for label, pairs in carried.items()
        if pairs.p_worse < gate.alpha and pairs.lost - pairs.gained > gate.fall * (support.get(label) or math.inf)
    ]
    said = f"recall fell by more than {gate.fall:.0%} on {', '.join(fell)}"
    return counted("gain.labels_fallen", len(fell), said, "fall", "alpha")


def forgotten(carried: Mapping[str, Pairs], counts: Counts) -> Measure:
    """Labels of a few texts, of which no test can be sure: none may be right no more where several were."""
    right = {label: hits for label, (hits, _) in counts.items()}
    gone = [label for label, pairs in carried.items() if pairs.lost >= KNOWN and right.get(label) == 0]
    return counted("gain.labels_forgotten", len(gone), f"never right any more on {', '.join(gone)}")
