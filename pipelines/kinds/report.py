"""How a kind shows what was measured, beside the measures and attachments that every kind has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

if TYPE_CHECKING:
    from pipelines.evaluation.bootstrap import Interval
    from pipelines.evaluation.case import Case
    from pipelines.evaluation.scorecard import Scorecard

Contestants = Mapping[str, "Mapping[str, Interval]"]  # by who they are and the name of the figure, as people read both


@dataclass(frozen=True)
class Part:
    """A part of a card: a sentence, a table if it has heads, and a list."""

    title: str
    said: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Weak:
    """Where people should look twice: the answers that are given worst, and those with too few texts to say."""

    worst: Sequence[str] = ()
    unknown: Sequence[str] = ()


class Report(Protocol):
    """Figures, words, pictures and files of one kind; each may be empty."""

    CAPTIONS: Mapping[str, str]  # of pictures, with their files' names

    def contestants(self, card: "Scorecard") -> Contestants:
        """The figures of each contestant, the challenger first."""

    def parts(self, card: "Scorecard") -> Sequence[Part]:
        """What a card shows before the attachments that every kind has."""

    def weak(self, card: "Scorecard") -> Weak:
        """The answers that a version is known to be bad at."""

    def doubts(self, card: "Scorecard") -> Sequence[str]:
        """What may be wrong with the answers of the corpus, in sentences."""

    def pictures(self, card: "Scorecard", folder: Path) -> Sequence[Path]:
        """PNG files written into the folder."""

    def tables(self, case: "Case") -> Mapping[str, pd.DataFrame]:
        """Files for people to look through, by name, such as labels that look like errors."""


def table(contestants: Contestants) -> list[dict[str, str]]:
    """A row for each contestant, for people."""
    return [
        {"who": who, **{name: str(figure) for name, figure in figures.items()}} for who, figures in contestants.items()
    ]
