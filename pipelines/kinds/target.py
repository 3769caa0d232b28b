"""What a model answers, as it is declared; rows, votes and the store hold one answer as a string, its cell."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pipelines.catalog.recipe import Declaration, Recipe


class Target(Declaration):
    """The answers that a model of one kind can give. Equal answers have equal cells."""

    kind: str

    @abstractmethod
    def read(self, written: str | None) -> str | None:
        """The cell of what is written in a source or said as feedback; none where that is not an answer."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a source that hold the answer together, where no single one does."""
        return ()

    def gathered(self, row: Mapping[str, Any]) -> str | None:
        """The cell of a row by those columns; none where they hold something else."""
        del row
        return None

    @property
    @abstractmethod
    def expected(self) -> str:
        """What may be written, for messages to people."""

    @property
    @abstractmethod
    def identity(self) -> Any:
        """As JSON: a model whose target has another identity must be trained again."""

    @abstractmethod
    def card(self) -> dict[str, Any]:
        """What a package must carry of it, as JSON."""

    @classmethod
    @abstractmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self:
        """The target of a package with this card."""

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any]) -> Self | None:
        """The target of the model that answered with this payload, where it tells."""
        del payload
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels that people choose from; none of a kind without labels."""
        return ()

    @property
    def cells(self) -> tuple[str, ...] | None:
        """Every cell, where they can be listed."""
        return None

    def parts(self, cell: str) -> Sequence[str]:
        """The labels in a cell, one by one; the fairness measures count each of them. By default the cell itself."""
        return (cell,)

    def labels_in(self, cell: str | None) -> list[str]:
        """The declared labels in a cell."""
        return [part for part in self.parts(cell) if part in self.names] if cell else []

    @property
    def served(self) -> dict[str, str]:
        """Fields that `/v1/models` adds, so that clients can read cells of this target."""
        return {}

    def answers_as(self, other: "Target") -> bool:
        """Whether people may be given answers of the one for those of the other."""
        return self.kind == other.kind and self.card() == other.card()

    def refused(self, recipe: Recipe) -> list[str]:
        """Why a recipe cannot teach it, in sentences."""
        del recipe
        return []
