"""How a kind speaks over HTTP: what it answers, and what people may say about that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel

from pipelines.kinds.kind import Answer
from pipelines.kinds.target import Target

if TYPE_CHECKING:
    from pipelines.inference.explanation import Word
    from pipelines.store.predictions import Prediction


class UnfitLabel(ValueError):
    """A label that the model does not give, none where one is confirmed, or one that `correct` contradicts."""


class Answered(BaseModel):
    """One prediction; send its id along with feedback, and act on no answer that `abstained`."""


class Row(BaseModel):
    """One prediction in MLflow's protocol."""


@dataclass(frozen=True)
class Named:
    """What somebody says is right: one label, or several of them, which may be none."""

    label: str | None = None
    labels: Sequence[str] | None = None

    @property
    def said(self) -> bool:
        """Whether anything was named."""
        return self.label is not None or self.labels is not None


class Wire(Protocol):
    """The shapes of one kind, and what becomes of a prediction and of feedback in them."""

    Answered: type["Answered"]
    Row: type["Row"]

    def answered(self, prediction: "Prediction", target: Target, why: "list[Word] | None" = None) -> BaseModel:
        """As `/v1/models/MODEL/predict` gives it."""

    def heard(self, body: Mapping[str, Any], target: Target) -> Answer:
        """The answer in a prediction that `/v1/models/MODEL/predict` gave."""

    def row(self, prediction: "Prediction", target: Target) -> BaseModel:
        """As `/invocations` gives it."""

    def taught(self, named: Named, target: Target) -> str | None:
        """The cell of what was named, none where nothing was; raises UnfitLabel."""

    def nothing(self, target: Target) -> str | None:
        """The cell of "none of these", where that is an answer."""

    def margin(self, payload: Mapping[str, Any]) -> float:
        """How far an answer was from another one, from 0 to 1: people are asked first about the closest."""

    def feedback(self, cell: str, target: Target) -> dict[str, Any]:
        """The fields of a feedback that says a cell is right."""
