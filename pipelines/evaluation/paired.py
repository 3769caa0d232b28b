"""Paired comparison of challenger and champion, text by text."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.catalog.gate import Gate
from pipelines.evaluation.measure import Measure
from pipelines.statistics.significance import Pairs


@dataclass(frozen=True)
class Paired:
    """Pairs of right answers to the same texts.

    `lost` has the positions of the regressions: texts that the champion had right and the challenger has wrong.
    """

    pairs: Pairs
    lost: tuple[int, ...] = ()


def pair_answers(right: Sequence[bool], before: Sequence[bool]) -> Paired:
    """Compare the texts that the challenger has right with those that the champion has right."""
    both = list(zip(right, before, strict=True))
    lost = tuple(position for position, pair in enumerate(both) if pair == (False, True))
    return Paired(Pairs(gained=both.count((True, False)), lost=len(lost)), lost)


def mcnemar_measure(name: str, pairs: Pairs, gate: Gate, where: str) -> Measure:
    """Compare the p-value of McNemar's exact one-sided test with `gate.alpha`."""
    p_value = pairs.p_worse
    finding = f"worse than the champion {where}: {pairs.gained} gained, {pairs.lost} lost, p = {p_value:.3f}"
    wording = finding if p_value < gate.alpha else ""
    return Measure(name, p_value, limit=gate.alpha, direction="at least", gate=("alpha",), wording=wording)


def regression_measure(pairs: Pairs, texts: int, gate: Gate) -> Measure:
    """Limit the share of regressions: texts that the champion had right and the challenger has wrong."""
    share = pairs.lost / texts if texts else float("nan")
    wording = f"{share:.1%} of the texts were right and are wrong now, at most {gate.max_regressions:.1%} is allowed"
    return Measure(
        "gain.flips", share, limit=gate.max_regressions, direction="at most", gate=("flips",), wording=wording
    )
