"""Challenger against champion, text by text."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.catalog.spec import Gate
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.significance import Pairs


@dataclass(frozen=True)
class Paired:
    """Pairs of right answers to the same texts, and what was lost.

    `lost` are the places of the texts that the champion had right and the challenger has wrong: negative flips.
    """

    pairs: Pairs
    lost: tuple[int, ...] = ()


def paired(right: Sequence[bool], before: Sequence[bool]) -> Paired:
    """By which texts the challenger has right, and which the champion."""
    both = list(zip(right, before, strict=True))
    lost = tuple(place for place, pair in enumerate(both) if pair == (False, True))
    return Paired(Pairs(gained=both.count((True, False)), lost=len(lost)), lost)


def worse_on_texts(name: str, pairs: Pairs, gate: Gate, where: str) -> Measure:
    """McNemar's exact test, one side: the chance of so many losses if neither were better."""
    chance = pairs.p_worse
    said = f"worse than the champion {where}: {pairs.gained} gained, {pairs.lost} lost, p = {chance:.3f}"
    wording = said if chance < gate.alpha else ""
    return Measure(name, chance, limit=gate.alpha, direction="at least", gate=("alpha",), wording=wording)


def flipped(pairs: Pairs, texts: int, gate: Gate) -> Measure:
    """The share of the texts that were right and are wrong now."""
    share = pairs.lost / texts if texts else float("nan")
    wording = f"{share:.1%} of the texts were right and are wrong now, {gate.flips:.1%} may"
    return Measure("gain.flips", share, limit=gate.flips, direction="at most", gate=("flips",), wording=wording)
