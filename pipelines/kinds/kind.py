"""A kind of model and the protocols of its parts; a part is imported at first use, so that serving needs no torch."""

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
    from torch import Tensor, nn

    from pipelines.evaluation.case import MeasureFunction
    from pipelines.kinds.declaring import Declaring
    from pipelines.kinds.report import Report
    from pipelines.kinds.suite import Suite
    from pipelines.kinds.wire import Wire

Rows = npt.NDArray[np.float32]
Indicators = npt.NDArray[np.float64]  # (rows, outputs): 1 where an output is part of the answer, else 0


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
class CheckResult:
    """A comparison of outputs with the targets of validation rows: the `right` rows, and two figures from 0 to 1."""

    right: npt.NDArray[np.bool_]
    score: float
    accuracy: float


class Objective(Protocol):
    """The training objective of a kind: outputs, loss, and initial head."""

    def width(self, target: Target) -> int:
        """Return the number of outputs of the head."""

    def encode(self, cells: Sequence[str], target: Target) -> "Tensor":
        """Encode cells as targets, `(rows, ...)`."""

    def losses(self, logits: "Tensor", targets: "Tensor", smoothing: float) -> "Tensor":
        """Return the loss per example, `(batch,)`; 0 for an unknown target."""

    def distance(self, logits: "Tensor", teacher_logits: "Tensor", temperature: float) -> "Tensor":
        """Return the distillation loss per example, `(batch,)`."""

    def disagreement(self, first: "Tensor", second: "Tensor") -> "Tensor":
        """Return the divergence of two passes per example, `(batch,)`, for R-Drop."""

    def mean(self, logits: Sequence["Tensor"]) -> "Tensor":
        """Return the logits of an ensemble of networks."""

    def groups(self, targets: "Tensor") -> "Tensor":
        """Return a number per row, `(rows,)`, equal for equal targets; -1 for an unknown target."""

    def init_head(
        self, head: "nn.Linear", embeddings: Rows, targets: "Tensor", weights: npt.NDArray[np.float64]
    ) -> None:
        """Initialise the head from frozen embeddings, `(rows, hidden)`."""

    def check(self, logits: Rows, targets: "Tensor") -> CheckResult:
        """Compare the outputs for validation rows with their targets."""

    def indicators(self, targets: "Tensor", width: int) -> Indicators:
        """Return 1 for each output that belongs to the target of a row, `(rows, width)`."""

    def decisions(self, logits: "Tensor") -> Indicators:
        """Return 1 for each output that is part of the network's answer, `(rows, outputs)`."""

    def resampled_scores(
        self, weights: Indicators, truth: Indicators, predicted: Indicators
    ) -> npt.NDArray[np.float64]:
        """Return the kind's first figure in each resample, `(resamples,)`; `weights` is `(resamples, rows)`."""


class Baseline(Protocol):
    """A baseline on word counts, without a network."""

    def label_preserving(
        self, texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], target: Target
    ) -> npt.NDArray[np.bool_]:
        """Return True for each changed text that keeps, with confidence, the answer learnt from `texts`."""


class Fitting(Protocol):
    """Fitting on validation rows after packaging, and the figures that compare the forms of a network."""

    def fit(self, logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
        """Return fields for the metadata of the package, such as a temperature or thresholds."""

    def scores(self, cells: Sequence[str], answers: Sequence[str], target: Target) -> dict[str, float]:
        """Return the kind's figures for the cells of answers, by name, from 0 to 1."""


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
    def objective(self) -> Objective:
        """The training objective; imports torch."""
        return cast(Objective, self._part("objective"))

    @property
    def baseline(self) -> Baseline:
        """The baseline on word counts; imports scikit-learn."""
        return cast(Baseline, self._part("baseline"))

    @property
    def fitting(self) -> Fitting:
        """The fitting after training; imports scikit-learn."""
        return cast(Fitting, self._part("fitting"))

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
