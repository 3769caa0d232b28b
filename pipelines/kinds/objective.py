"""Protocols of the parts of a kind that training uses: objective, baseline and fitting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Rows
from pipelines.kinds.target import Target

if TYPE_CHECKING:
    from torch import Tensor, nn


Indicators = npt.NDArray[np.float64]  # (rows, outputs): 1 where an output is part of the answer, else 0


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
