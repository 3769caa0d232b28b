"""Target with one label of a declared set."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator

from pipelines.catalog.gate import Gate
from pipelines.kinds.labelled.spellings import declared_label, listed
from pipelines.kinds.target import Target, Written

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Labels(Target):
    """The declared labels, one for each text; a cell is the label."""

    kind: Literal["classification"] = Field("classification", description="one label for each text")
    labels: tuple[Label, ...] = Field(description="the answers, at least two, in the order of the outputs")

    @field_validator("labels")
    @classmethod
    def _distinct(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        if len(labels) < 2 or len(set(labels)) != len(labels):
            raise ValueError(f"labels must be at least two and distinct, got {list(labels)}")
        return labels

    def read(self, written: Written) -> str | None:
        """Return the declared label of this spelling, or None."""
        return declared_label(written, self.labels) if isinstance(written, str) else None

    @property
    def expected(self) -> str:
        """The labels by name; of many, the first ones."""
        return listed(self.labels)

    @property
    def identity(self) -> tuple[str, ...]:
        """The labels in their order, which is the order of the outputs."""
        return self.labels

    def card(self) -> dict[str, Any]:
        """Return the labels in the order of the outputs."""
        return {"labels": self.labels}

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self:
        """Return the labels of a package."""
        return cls(labels=tuple(card["labels"]))

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any]) -> Self | None:
        """Return the labels with a probability, or None: the answer of a paused model has none."""
        return cls(labels=tuple(payload)) if payload else None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return self.labels

    @property
    def cells(self) -> tuple[str, ...]:
        """The labels."""
        return self.labels

    def is_compatible_with(self, other: Target) -> bool:
        """Return True if both have the same labels, in any order."""
        return self.kind == other.kind and set(self.names) == set(other.names)


TARGET = Labels
FIGURES = {"macro_f1": "macro-F1", "accuracy": "accuracy"}
GATE = Gate
