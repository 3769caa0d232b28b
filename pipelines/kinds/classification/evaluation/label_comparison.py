"""Challenger against champion, text by text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.paired import paired
from pipelines.evaluation.significance import Pairs
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled.label_counts import macro_f1


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
    right = [one == label for one, label in zip(challenger, references, strict=True)]
    before = [one == label for one, label in zip(champion, references, strict=True)]
    whole = paired(right, before)
    return Comparison(
        macro_f1=resampled.difference(macro_f1, challenger, champion),
        pairs=whole.pairs,
        labels={label: _of(label, references, right, before) for label in sorted(set(references))},
        lost=whole.lost,
    )


def _of(label: str, references: Sequence[str], right: Sequence[bool], before: Sequence[bool]) -> Pairs:
    given = [one == label for one in references]
    return paired(list(compress(right, given)), list(compress(before, given))).pairs
