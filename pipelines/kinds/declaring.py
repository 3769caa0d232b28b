"""Declaration of a model from a file: the target found in it, and floors from the baselines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from pipelines.catalog.gate import AnyGate
from pipelines.ingestion.reading import quote
from pipelines.ingestion.sources import columns
from pipelines.kinds.target import Target
from pipelines.masking.mask import mask

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source

MOST_LABELS = 300
LONGEST_LABEL = 200  # characters
# An easy file is solved by TF-IDF without a miss: a floor of 1 would refuse every model that errs once, for ever.
HIGHEST_FLOOR = 0.98


class NotDeclarable(ValueError):
    """A file or a name that cannot become a declaration."""


@dataclass(frozen=True)
class LabelFormat:
    """The format of several labels in a file: a `separator` between them, or one of `columns` for each label."""

    separator: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of a model for this format."""
        return "multilabel" if self.separator or self.columns else "classification"


ONE_LABEL = LabelFormat()


class Declaring(Protocol):
    """The functions that declare a model of one kind."""

    def target(self, source: "Source", label_format: LabelFormat) -> Target:
        """Return the target of the answers in a source. Raises NotDeclarable."""

    def require(self, target: Target, learnt: Sequence[str], held_out: Sequence[str]) -> None:
        """Raise NotDeclarable if there are too few cells to learn from, or too few held out."""

    def floors(self, target: Target, train: pd.DataFrame, test: pd.DataFrame) -> AnyGate:
        """Return the gate of a new model, from train and held-out rows (text, label)."""

    def describe(self, gate: AnyGate) -> str:
        """Return the floors as text for people."""

    def rarest_share(self, target: Target, cells: Sequence[str]) -> float:
        """Return the share of the rarest label."""


def require_columns(uri: str, names: Sequence[str | None]) -> None:
    """Raise NotDeclarable if a source lacks a column."""
    present = columns(uri)
    for column in filter(None, names):
        if column not in present:
            raise NotDeclarable(f"{uri} has no column {column!r}; it has {quote(present)}")


def require_plain(labels: Sequence[str], where: str) -> None:
    """Raise NotDeclarable if a label looks like personal data: labels are stored and shown unmasked.

    The message names no value.
    """
    if any(len(label) > LONGEST_LABEL or mask(label) != label for label in labels):
        raise NotDeclarable(
            f"{where} holds personal data (addresses, numbers, handles) or values "
            f"of more than {LONGEST_LABEL} characters; name a column of plain labels, or rename these"
        )


def round_down(value: float) -> float:
    """Round down to three decimals: a floor is never above the measured value."""
    return int(value * 1000) / 1000
