"""Challenger against champion, text by text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.evaluation import bootstrap
from pipelines.evaluation.bootstrap import Interval, Resampled
from pipelines.evaluation.significance import Pairs


@dataclass(frozen=True)
class Comparison:
    """On the same texts: macro-F1 gained, pairs of answers in all and by the label a text carries, and what was lost.

    `lost` are the places of the texts that the champion had right and the challenger has wrong: negative flips.
    """

    macro_f1: Interval
    pairs: Pairs
    labels: Mapping[str, Pairs]
    lost: tuple[int, ...]


def compared(
    references: Sequence[str], challenger: Sequence[str], champion: Sequence[str], resampled: Resampled
) -> Comparison:
    """Both contestants' answers to the same texts."""
    right = [(one == label, other == label) for label, one, other in zip(references, challenger, champion, strict=True)]
    by_label = {
        label: [pair for pair, given in zip(right, references, strict=True) if given == label]
        for label in sorted(set(references))
    }
    return Comparison(
        macro_f1=resampled.difference(bootstrap.macro_f1, challenger, champion),
        pairs=_pairs(right),
        labels={label: _pairs(found) for label, found in by_label.items()},
        lost=tuple(place for place, pair in enumerate(right) if pair == (False, True)),
    )


def _pairs(right: Sequence[tuple[bool, bool]]) -> Pairs:
    return Pairs(gained=right.count((True, False)), lost=right.count((False, True)))
