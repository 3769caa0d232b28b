"""What a kind of model knows how to do; the parts are imported when they are asked for: serving never needs torch."""

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

    from pipelines.evaluation.case import Measuring
    from pipelines.kinds.declaring import Declaring
    from pipelines.kinds.report import Report
    from pipelines.kinds.suite import Suite
    from pipelines.kinds.wire import Wire

Rows = npt.NDArray[np.float32]
Indicators = npt.NDArray[np.float64]  # (rows, outputs): 1 where an output is part of the answer, else 0


@dataclass(frozen=True)
class Answer:
    """What a model says to one text: `payload` is JSON that only its `kind` reads.

    `label` is its cell and `score` how sure the model is; a kind may have neither. Nobody should act on one that
    `abstained`.
    """

    kind: str
    payload: Mapping[str, Any]
    label: str | None = None
    score: float | None = None
    abstained: bool = False

    @property
    def told(self) -> str:
        """What two answers are compared by: the cell, or the payload of a kind without one."""
        return told(self.label, self.payload)


def told(label: str | None, payload: Mapping[str, Any]) -> str:
    """The cell of an answer, or its payload as canonical JSON where its kind has no cells."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False) if label is None else label


class Reader(Protocol):
    """Turns the outputs of a packaged network into answers, as the card of the package says."""

    width: int  # outputs for each text

    def calibrated(self, logits: Rows) -> Rows:
        """`(texts, outputs)`: what the outputs mean; what is cached of an answer."""

    def answer(self, row: Rows) -> Answer:
        """The answer that one calibrated row says."""

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """How far each calibrated row speaks for the answer with that cell, `(texts,)`."""


@dataclass(frozen=True)
class Checked:
    """How outputs stand to the targets of validation rows: which rows are `right`, and two figures from 0 to 1."""

    right: npt.NDArray[np.bool_]
    score: float
    accuracy: float


class Objective(Protocol):
    """How a network learns a target: its outputs, its loss, and what its head starts from."""

    def width(self, target: Target) -> int:
        """Outputs of the head."""

    def encode(self, cells: Sequence[str], target: Target) -> "Tensor":
        """The targets of rows, `(rows, ...)`."""

    def losses(self, logits: "Tensor", targets: "Tensor", smoothing: float) -> "Tensor":
        """Loss per example, `(batch,)`; 0 where a target is not known."""

    def distance(self, logits: "Tensor", taught: "Tensor", temperature: float) -> "Tensor":
        """Distillation loss per example, `(batch,)`."""

    def disagreement(self, one: "Tensor", other: "Tensor") -> "Tensor":
        """Divergence of two passes per example, `(batch,)`, for R-Drop."""

    def mean(self, logits: Sequence["Tensor"]) -> "Tensor":
        """The answer of several networks together, as logits."""

    def groups(self, targets: "Tensor") -> "Tensor":
        """A number per row, `(rows,)`, equal for equal targets; -1 where it is not known."""

    def warm(self, head: "nn.Linear", embeddings: Rows, targets: "Tensor", weights: npt.NDArray[np.float64]) -> None:
        """Set the head to what `(rows, hidden)` embeddings tell as they are."""

    def check(self, logits: Rows, targets: "Tensor") -> Checked:
        """How the outputs for validation rows stand to their targets."""

    def indicators(self, targets: "Tensor", width: int) -> Indicators:
        """Which outputs belong to each target."""

    def decided(self, logits: "Tensor") -> Indicators:
        """Which outputs the network decides for."""

    def scored(self, weights: Indicators, truth: Indicators, decided: Indicators) -> npt.NDArray[np.float64]:
        """The first of the kind's figures on rows that weigh so, `(resamples, rows)`: `(resamples,)`."""


class Baseline(Protocol):
    """What counted words tell of the answers, without a network."""

    def preserved(
        self, texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], target: Target
    ) -> npt.NDArray[np.bool_]:
        """Which changes of texts leave what was learnt from `texts` as it is answered, and surely so."""


class Fitting(Protocol):
    """What is fitted on validation rows once a network is packaged, and how the forms of a network are compared."""

    def fit(self, logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
        """Fields for the card of the package, such as a temperature or thresholds."""

    def scores(self, cells: Sequence[str], answers: Sequence[str], target: Target) -> dict[str, float]:
        """How right the cells of answers are, by the names of the figures, from 0 to 1."""


@dataclass(frozen=True)
class Kind:
    """A kind of model by its name, and the room in which its parts are."""

    name: str
    room: str

    @property
    def read_by(self) -> tuple[str, ...]:
        """The modules that a package needs to answer."""
        return f"{self.room}.target", f"{self.room}.reader"

    @property
    def target(self) -> type[Target]:
        """How its answers are declared."""
        return cast(type[Target], self._part("target").TARGET)

    @property
    def gate(self) -> type[AnyGate]:
        """What a challenger must show, as it is declared."""
        return cast(type[AnyGate], self._part("target").GATE)

    @property
    def figures(self) -> Mapping[str, str]:
        """What its models are compared by, from 0 to 1, and how people call it; recipes are compared by the first."""
        return cast(Mapping[str, str], self._part("target").FIGURES)

    @property
    def score(self) -> tuple[str, str]:
        """The first of the figures: its name, and as people call it."""
        return next(iter(self.figures.items()))

    @property
    def objective(self) -> Objective:
        """How it learns; imports torch."""
        return cast(Objective, self._part("objective"))

    @property
    def baseline(self) -> Baseline:
        """What can be told by counted words; imports scikit-learn."""
        return cast(Baseline, self._part("baseline"))

    @property
    def fitting(self) -> Fitting:
        """What is fitted once it has learnt; imports scikit-learn."""
        return cast(Fitting, self._part("fitting"))

    @property
    def wire(self) -> "Wire":
        """How it speaks over HTTP."""
        return cast("Wire", self._part("wire"))

    @property
    def measures(self) -> "Sequence[Measuring]":
        """What is measured of a version, in the order in which people read the reasons."""
        return cast("Sequence[Measuring]", self._part("measures").MEASURES)

    @property
    def report(self) -> "Report":
        """How what was measured is shown."""
        return cast("Report", self._part("report"))

    @property
    def declaring(self) -> "Declaring":
        """How a file becomes a declaration."""
        return cast("Declaring", self._part("declaring"))

    @property
    def suite(self) -> "Suite":
        """What must be true of its answers in a corpus."""
        return cast("Suite", self._part("suite"))

    def reader(self, card: Mapping[str, Any]) -> Reader:
        """What turns the outputs of a package with this card into answers."""
        return cast(Reader, self._part("reader").reader(card))

    def _part(self, name: str) -> Any:
        return import_module(f"{self.room}.{name}")
