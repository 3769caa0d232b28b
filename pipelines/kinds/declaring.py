"""Declaration of a model from a file: the target found in it, and floors from the baselines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from pipelines.catalog.gate import AnyGate
from pipelines.ingestion import sources
from pipelines.ingestion.reading import quote
from pipelines.ingestion.records import has_column
from pipelines.ingestion.row_report import RowReport
from pipelines.ingestion.rows import SourceRow
from pipelines.kinds.target import Target
from pipelines.masking.mask import mask

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source

MOST_LABELS = 1000
LONGEST_LABEL = 200  # characters
# An easy file is solved by TF-IDF without a miss: a floor of 1 would refuse every model that errs once, for ever.
HIGHEST_FLOOR = 0.98


# A label is stored and shown unmasked: it may be a code, but no address, number of a person, or secret.
_PERSONAL = re.compile("<(?:EMAIL|PHONE|CARD|IBAN|IP|URL-LOGIN|ID|SECRET|ACCOUNT)>")


class NotDeclarable(ValueError):
    """A file or a name that cannot become a declaration; `rows` has what became of its rows, if it was read."""

    rows: RowReport | None = None


@dataclass(frozen=True)
class LabelFormat:
    """The format of several labels in a file: a `separator` between them, or one of `columns` for each label.

    Labels of fewer than `min_rows` rows are left out, and those in `without`.
    """

    separator: str | None = None
    columns: tuple[str, ...] = ()
    min_rows: int = 1
    without: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """The kind of a model for this format."""
        return "multilabel" if self.separator or self.columns else "classification"


ONE_LABEL = LabelFormat()


@dataclass(frozen=True)
class DeclaredTarget:
    """The target found in a source, and sentences about labels that were merged or left out."""

    target: Target
    notes: tuple[str, ...] = ()


class Declaring(Protocol):
    """The functions that declare a model of one kind."""

    def target(self, source: "Source", label_format: LabelFormat) -> DeclaredTarget:
        """Return the target of the answers in a source. Raises NotDeclarable."""

    def require(self, target: Target, learnt: Sequence[str], held_out: Sequence[str]) -> None:
        """Raise NotDeclarable if there are too few cells to learn from, or too few held out."""

    def unlearnable(self, target: Target, learnt: Sequence[str]) -> frozenset[str]:
        """Return the labels without a row to learn from."""

    def floors(self, target: Target, train: pd.DataFrame, test: pd.DataFrame) -> AnyGate:
        """Return the gate of a new model, from train and held-out rows (text, label)."""

    def describe(self, gate: AnyGate) -> str:
        """Return the floors as text for people."""

    def rarest_share(self, target: Target, cells: Sequence[str]) -> float:
        """Return the share of the rarest label."""


def require_columns(source: "Source", names: Sequence[str | None]) -> None:
    """Raise NotDeclarable if a source lacks a column."""
    wanted = list(filter(None, names))
    rows = sources.rows(source.uri, wanted, source.encoding)
    first = next((row.values for row in rows if isinstance(row, SourceRow)), {})
    for column in wanted:
        if not has_column(first, column):
            raise NotDeclarable(f"{source.uri} has no column {column!r}; it has {quote(first)}")


def require_plain(labels: Sequence[str], where: str) -> None:
    """Raise NotDeclarable if a label looks like personal data: labels are stored and shown unmasked.

    The message names no value.
    """
    if any(len(label) > LONGEST_LABEL or _PERSONAL.search(mask(label)) for label in labels):
        raise NotDeclarable(
            f"{where} holds personal data (addresses, numbers of persons, secrets) or values "
            f"of more than {LONGEST_LABEL} characters; name a column of plain labels, or rename these"
        )


def round_down(value: float) -> float:
    """Round down to three decimals: a floor is never above the measured value."""
    return int(value * 1000) / 1000
