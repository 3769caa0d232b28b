"""Comparison of challenger and champion, text by text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from pipelines.evaluation.paired import pair_answers
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs


@dataclass(frozen=True)
class Comparison:
    """Gain in macro-F1 on the same texts, and paired answers of all texts and by true label.

    `lost` has the positions of the regressions: texts that the champion had right and the challenger has wrong.
    """

    macro_f1: Interval
    pairs: Pairs
    labels: Mapping[str, Pairs]
    lost: tuple[int, ...]


def compare_contestants(
    references: Sequence[str], challenger: Sequence[str], champion: Sequence[str], resampled: Resampled
) -> Comparison:
    """Compare both contestants' answers to the same texts."""
    right = [answer == label for answer, label in zip(challenger, references, strict=True)]
    before = [answer == label for answer, label in zip(champion, references, strict=True)]
    whole = pair_answers(right, before)
    return Comparison(
        macro_f1=resampled.difference(macro_f1, challenger, champion),
        pairs=whole.pairs,
        labels={label: _pairs_of(label, references, right, before) for label in sorted(set(references))},
        lost=whole.lost,
    )


def _pairs_of(label: str, references: Sequence[str], right: Sequence[bool], before: Sequence[bool]) -> Pairs:
    has_label = [reference == label for reference in references]
    return pair_answers(list(compress(right, has_label)), list(compress(before, has_label))).pairs
