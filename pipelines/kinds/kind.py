"""A kind of model, its answers and their reader; a part is imported at first use, so that serving needs no torch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from pipelines.catalog.gate import AnyGate
from pipelines.kinds.target import Target

if TYPE_CHECKING:
    from pipelines.evaluation.case import MeasureFunction
    from pipelines.kinds.declaring import Declaring
    from pipelines.kinds.objective import Baseline, Fitting, Objective
    from pipelines.kinds.report import Report
    from pipelines.kinds.suite import Suite
    from pipelines.kinds.wire import Wire

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """A model's answer to one text: `payload` is JSON that only its `kind` reads.

    `label` is its cell and `score` the confidence; a kind may have neither. Do not act on an answer that `abstained`.
    """

    kind: str
    payload: Mapping[str, Any]
    label: str | None = None
    score: float | None = None
    abstained: bool = False

    @property
    def comparison_key(self) -> str:
        """The string by which two answers are compared: the cell, or the payload of a kind without cells."""
        return comparison_key(self.label, self.payload)


def comparison_key(label: str | None, payload: Mapping[str, Any]) -> str:
    """Return the cell of an answer, or its payload as canonical JSON if its kind has no cells."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False) if label is None else label


class Reader(Protocol):
    """Converts the outputs of a packaged network into answers, by the metadata of the package."""

    width: int  # outputs for each text

    def calibrate(self, logits: Rows) -> Rows:
        """Return calibrated outputs, `(texts, outputs)`; these are cached."""

    def answer(self, row: Rows) -> Answer:
        """Return the answer of one calibrated row."""

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """Return the probability that each calibrated row gives to the answer with that cell, `(texts,)`."""


@dataclass(frozen=True)
class Kind:
    """A kind of model: its name, and the Python package that has its parts."""

    name: str
    package: str

    @property
    def reader_modules(self) -> tuple[str, ...]:
        """The modules that a model package needs to answer."""
        return f"{self.package}.target", f"{self.package}.reader"

    @property
    def target(self) -> type[Target]:
        """The class of its declared targets."""
        return cast(type[Target], self._part("target").TARGET)

    @property
    def gate(self) -> type[AnyGate]:
        """The class of its declared gates."""
        return cast(type[AnyGate], self._part("target").GATE)

    @property
    def figures(self) -> Mapping[str, str]:
        """The figures (0 to 1) that compare its models, with their display names; the first one compares recipes."""
        return cast(Mapping[str, str], self._part("target").FIGURES)

    @property
    def score(self) -> tuple[str, str]:
        """The name and the display name of the first figure."""
        return next(iter(self.figures.items()))

    @property
    def objective(self) -> "Objective":
        """The training objective; imports torch."""
        return cast("Objective", self._part("objective"))

    @property
    def baseline(self) -> "Baseline":
        """The baseline on word counts; imports scikit-learn."""
        return cast("Baseline", self._part("baseline"))

    @property
    def fitting(self) -> "Fitting":
        """The fitting after training; imports scikit-learn."""
        return cast("Fitting", self._part("fitting"))

    @property
    def wire(self) -> "Wire":
        """Its bodies over HTTP."""
        return cast("Wire", self._part("wire"))

    @property
    def measures(self) -> "Sequence[MeasureFunction]":
        """The measure functions of a version, in the order of the reasons."""
        return cast("Sequence[MeasureFunction]", self._part("measures").MEASURES)

    @property
    def report(self) -> "Report":
        """The report on its measures."""
        return cast("Report", self._part("report"))

    @property
    def declaring(self) -> "Declaring":
        """The way from a file to a declaration."""
        return cast("Declaring", self._part("declaring"))

    @property
    def suite(self) -> "Suite":
        """The data checks of its answers in a corpus."""
        return cast("Suite", self._part("suite"))

    def reader(self, card: Mapping[str, Any]) -> Reader:
        """Return the reader for a package with this metadata."""
        return cast(Reader, self._part("reader").reader(card))

    def _part(self, name: str) -> Any:
        return import_module(f"{self.package}.{name}")
