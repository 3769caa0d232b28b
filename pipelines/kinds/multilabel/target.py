"""Target with any number of labels of a declared set."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, StringConstraints, model_validator

from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import Recipe
from pipelines.kinds.labelled.spellings import declared_label, listed
from pipelines.kinds.target import Target, Written

YES, NO = ("1", "1.0", "true", "yes", "y", "x"), ("0", "0.0", "false", "no", "n")
EMPTY = {"", "nan", "none"}  # no, if another column of the row has a value
MARKS = dict.fromkeys(YES, True) | dict.fromkeys(NO, False) | dict.fromkeys(EMPTY, False)

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LabelSets(Target):
    """The declared labels, any number for each text; a cell has them in their order, joined by the separator.

    The cell of a text without labels is the separator alone: an empty cell means unlabelled.
    """

    kind: Literal["multilabel"] = Field("multilabel", description="any number of labels for each text")
    labels: tuple[Label, ...] = Field(min_length=1, description="the labels, in the order of the outputs")
    separator: str = Field(";", min_length=1, max_length=5, description="between the labels of one text")
    by_column: bool = Field(False, description="true: each label is a column of its own, with 1 or 0, yes or no")

    @model_validator(mode="after")
    def _valid_labels(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must be distinct, got {list(self.labels)}")
        if self.separator != self.separator.strip():
            raise ValueError(f"the separator {self.separator!r} may not begin or end with space: space is ignored")
        if invalid := [label for label in self.labels if not _survives_split(label, self.separator)]:
            raise ValueError(
                f"no label may hold the separator {self.separator!r} or a part of it at its ends, "
                f"or begin or end with space: {invalid}"
            )
        return self

    def read(self, written: Written) -> str | None:
        """Return the cell of labels in any order, or None if one is not declared."""
        if not written or (isinstance(written, str) and not written.strip()):
            return None
        parts = written.split(self.separator) if isinstance(written, str) else written
        named = [declared_label(part.strip(), self.labels) for part in parts if part.strip()]
        return None if None in named else self.cell(set(filter(None, named)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The labels, if each is a column of its own."""
        return self.labels if self.by_column else ()

    def cell_of_row(self, row: Mapping[str, Any]) -> str | None:
        """Return the cell of the columns with yes; None if a column is neither yes nor no, or all columns are empty."""
        cells = {label: str(row[label] if row[label] is not None else "").strip().casefold() for label in self.labels}
        marks = {label: MARKS.get(cell) for label, cell in cells.items()}
        if None in marks.values() or not set(cells.values()) - EMPTY:
            return None
        return self.cell({label for label, has in marks.items() if has})

    def cell(self, labels: set[str]) -> str:
        """Return the cell of a set of declared labels."""
        return self.separator.join(label for label in self.labels if label in labels) or self.separator

    def set_of(self, cell: str) -> set[str]:
        """Return the labels in a cell."""
        return set(cell.split(self.separator)) - {""}

    def ordered_labels(self, cell: str) -> list[str]:
        """Return the labels in a cell, in the order of their declaration."""
        return [label for label in self.labels if label in self.set_of(cell)]

    def parts(self, cell: str) -> Sequence[str]:
        """Return the labels in a cell; an empty cell counts as one label."""
        return self.ordered_labels(cell) or [cell]

    def matrix(self, cells: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return True for each label of each text, `(texts, labels)`."""
        sets = [self.set_of(cell) for cell in cells]
        rows = [[label in labels for label in self.labels] for labels in sets]
        return np.array(rows, bool).reshape(len(cells), len(self.labels))

    @property
    def expected(self) -> str:
        """The labels by name, and the separator."""
        return f"{listed(self.labels)}, with {self.separator!r} between two of them"

    @property
    def identity(self) -> dict[str, Any]:
        """The labels in their order, which is the order of the outputs, and the separator."""
        return self.card() | {"kind": self.kind}

    def card(self) -> dict[str, Any]:
        """Return the labels in the order of the outputs, and the separator."""
        return {"labels": list(self.labels), "separator": self.separator}

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self:
        """Return the labels of a package."""
        return cls(labels=tuple(card["labels"]), separator=card["separator"])

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return self.labels

    @property
    def served_fields(self) -> dict[str, str]:
        """The separator."""
        return {"separator": self.separator}

    def recipe_errors(self, recipe: Recipe) -> list[str]:
        """Refuse `contrast` and `balanced`, which need one label per text."""
        unsupported = {"contrast": recipe.contrast, "balanced": recipe.balanced}
        return [f"{name} is for texts of one label each: leave it out" for name, value in unsupported.items() if value]


def _survives_split(label: str, separator: str) -> bool:
    """True if splitting a cell at the separator gives the label back."""
    return f"{separator}{label}{separator}".split(separator) == ["", label, ""] and label == label.strip()


TARGET = LabelSets
FIGURES = {"macro_f1": "macro-F1", "micro_f1": "micro-F1", "accuracy": "exact sets"}
GATE = Gate
