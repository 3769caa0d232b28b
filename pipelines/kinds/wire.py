"""HTTP bodies of a kind: its predictions, and the feedback on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import BaseModel, Field

from pipelines.kinds.kind import Answer
from pipelines.kinds.target import Target

if TYPE_CHECKING:
    from pipelines.inference.explanation import WordWeight
    from pipelines.store.predictions import Prediction


class UnfitLabel(ValueError):
    """A label that the model does not have, a missing label, or a label that contradicts `correct`."""


class Answered(BaseModel):
    """One prediction; send its id along with feedback, and do not act on an answer that `abstained`."""

    truncated: Annotated[
        bool | None, Field(description="true if the text is longer than the model reads; absent if all of it was read")
    ] = None


class Row(BaseModel):
    """One prediction in MLflow's protocol."""


@dataclass(frozen=True)
class NamedLabels:
    """The right answer by feedback: one label, or a list of labels, which may be empty."""

    label: str | None = None
    labels: Sequence[str] | None = None

    @property
    def has_labels(self) -> bool:
        """True if one of the two fields is set."""
        return self.label is not None or self.labels is not None


class Wire(Protocol):
    """Conversion of predictions and feedback from and to the HTTP bodies of one kind."""

    Answered: type["Answered"]
    Row: type["Row"]

    def prediction_body(
        self, prediction: "Prediction", target: Target, why: "list[WordWeight] | None" = None
    ) -> BaseModel:
        """Return the body of a prediction for `/v1/models/MODEL/predict`; `why` has the weightiest words."""

    def parse_prediction(self, body: Mapping[str, Any], target: Target) -> Answer:
        """Return the answer in a prediction of `/v1/models/MODEL/predict`."""

    def row(self, prediction: "Prediction", target: Target) -> BaseModel:
        """Return the body of a prediction for `/invocations`."""

    def to_cell(self, named: NamedLabels, target: Target) -> str | None:
        """Return the cell of the named labels, or None if none was named. Raises UnfitLabel."""

    def empty_cell(self, target: Target) -> str | None:
        """Return the cell of "none of these", or None if that is no valid answer."""

    def margin(self, payload: Mapping[str, Any]) -> float:
        """Return the distance of an answer from the next likely one, 0 to 1; reviewers see the smallest first."""

    def feedback_fields(self, cell: str, target: Target) -> dict[str, Any]:
        """Return the request fields of feedback that confirms a cell."""
