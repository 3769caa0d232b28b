"""Reports of a kind, beside the measures and attachments that every kind has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

if TYPE_CHECKING:
    from pipelines.evaluation.case import Case
    from pipelines.evaluation.scorecard import Scorecard
    from pipelines.statistics.bootstrap import Interval

Contestants = Mapping[str, "Mapping[str, Interval]"]  # by display name of the contestant and of the figure


@dataclass(frozen=True)
class Part:
    """A section of a model card: text, a table if it has `heads`, and a list."""

    title: str
    text: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class WeakAnswers:
    """Weak points: the answers with the worst scores, and those with too few texts for a score."""

    worst: Sequence[str] = ()
    unknown: Sequence[str] = ()


class Report(Protocol):
    """Figures, texts, pictures and files of one kind; each may be empty."""

    CAPTIONS: Mapping[str, str]  # file names of pictures, by caption

    def contestants(self, card: "Scorecard") -> Contestants:
        """Return the figures of each contestant, the challenger first."""

    def parts(self, card: "Scorecard") -> Sequence[Part]:
        """Return the sections of a model card that come before those of every kind."""

    def weak_answers(self, card: "Scorecard") -> WeakAnswers:
        """Return the answers with low scores."""

    def data_warnings(self, card: "Scorecard") -> Sequence[str]:
        """Return possible faults of the corpus, in sentences."""

    def pictures(self, card: "Scorecard", folder: Path) -> Sequence[Path]:
        """Write PNG files into the folder and return their paths."""

    def tables(self, case: "Case") -> Mapping[str, pd.DataFrame]:
        """Return tables for people to check, by file name, such as suspected label errors."""


def table(contestants: Contestants) -> list[dict[str, str]]:
    """Return a table row for each contestant."""
    return [
        {"who": contestant, **{name: str(figure) for name, figure in figures.items()}}
        for contestant, figures in contestants.items()
    ]
