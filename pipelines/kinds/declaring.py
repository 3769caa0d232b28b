"""How a model of a kind is declared from a file: its target as found, floors as the baselines set them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from pipelines.catalog.gate import AnyGate
from pipelines.ingestion.reading import quoted
from pipelines.ingestion.sources import columns
from pipelines.kinds.target import Target
from pipelines.masking.mask import mask

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source

MOST_LABELS = 300
LONGEST_LABEL = 200
# An easy file is solved by TF-IDF without a miss: a floor of 1 would refuse every model that errs once, for ever.
HIGHEST_FLOOR = 0.98


class NotDeclarable(ValueError):
    """A file or a name that cannot become a declaration."""


@dataclass(frozen=True)
class Written:
    """How a file holds several labels of a text: with a `separator` between them, or each as one of `columns`."""

    separator: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of a model that learns from it."""
        return "multilabel" if self.separator or self.columns else "classification"


ONE_LABEL = Written()


class Declaring(Protocol):
    """What a declaration of one kind is made from."""

    def target(self, source: "Source", written: Written) -> Target:
        """The answers that a source holds; raises NotDeclarable."""

    def require(self, target: Target, learnt: Sequence[str], held_out: Sequence[str]) -> None:
        """Raises NotDeclarable where the cells to learn from, or those held out, are too few to judge by."""

    def floors(self, target: Target, train: pd.DataFrame, test: pd.DataFrame) -> AnyGate:
        """The gate of a model without a history, from rows (text, label) that are learnt from and held out."""

    def told(self, gate: AnyGate) -> str:
        """The floors, for people."""

    def rarest(self, target: Target, cells: Sequence[str]) -> float:
        """The share of the rarest label."""


def require_columns(uri: str, wanted: Sequence[str | None]) -> None:
    """Raises NotDeclarable where a source lacks a column."""
    there = columns(uri)
    for column in filter(None, wanted):
        if column not in there:
            raise NotDeclarable(f"{uri} has no column {column!r}; it has {quoted(there)}")


def require_plain(labels: Sequence[str], where: str) -> None:
    """Labels are stored and shown as they are, so none may hold what a mask would hide; no value is named here."""
    if any(len(label) > LONGEST_LABEL or mask(label) != label for label in labels):
        raise NotDeclarable(
            f"{where} holds personal data (addresses, numbers, handles) or values "
            f"of more than {LONGEST_LABEL} characters; name a column of plain labels, or rename these"
        )


def down(value: float) -> float:
    """Three decimals, never more than was measured."""
    return int(value * 1000) / 1000
