"""The declared answers of a model; rows, votes and the store hold one answer as a string, its cell."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pipelines.catalog.recipe import Declaration, Recipe

Written = str | tuple[str, ...] | None  # a label cell as it is written; a tuple has several labels of one text


class Target(Declaration):
    """The answers that a model of one kind can give. Equal answers have equal cells."""

    kind: str

    @abstractmethod
    def read(self, written: Written) -> str | None:
        """Return the cell of a text from a source or from feedback, or None if it is no valid answer."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that hold an answer together, if no single column does."""
        return ()

    def cell_of_row(self, row: Mapping[str, Any]) -> str | None:
        """Return the cell of a row by those columns, or None if they hold no valid answer."""
        del row
        return None

    @property
    @abstractmethod
    def expected(self) -> str:
        """A description of the valid answers, for messages."""

    @property
    @abstractmethod
    def identity(self) -> Any:
        """The identity as JSON: a model whose target has another identity must be trained again."""

    @abstractmethod
    def card(self) -> dict[str, Any]:
        """Return the fields that a package stores, as JSON."""

    @classmethod
    @abstractmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self:
        """Return the target of a package with this metadata."""

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any]) -> Self | None:
        """Return the target of the model that gave this payload, or None if the payload has too little information."""
        del payload
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels that people choose from; empty for a kind without labels."""
        return ()

    @property
    def cells(self) -> tuple[str, ...] | None:
        """All cells, or None if they cannot be listed."""
        return None

    def parts(self, cell: str) -> Sequence[str]:
        """Return the labels in a cell, each counted by the fairness measures; by default the cell itself."""
        return (cell,)

    def labels_in(self, cell: str | None) -> list[str]:
        """Return the declared labels in a cell."""
        return [part for part in self.parts(cell) if part in self.names] if cell else []

    @property
    def served_fields(self) -> dict[str, str]:
        """Fields that `/v1/models` adds, so that clients can read cells of this target."""
        return {}

    def is_compatible_with(self, other: "Target") -> bool:
        """Return True if a model with one target may replace a model with the other."""
        return self.kind == other.kind and self.card() == other.card()

    def recipe_errors(self, recipe: Recipe) -> list[str]:
        """Return the reasons why a recipe cannot train this target."""
        del recipe
        return []
