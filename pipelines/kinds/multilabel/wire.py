"""HTTP bodies of predictions with several labels."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from pipelines.inference.explanation import WordWeight
from pipelines.kinds import wire
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.wire import NamedLabels, UnfitLabel
from pipelines.store.predictions import Prediction

EXAMPLE: JsonDict = {
    "id": "5f0c64f2b5d34ad5a4b2f1d1b5f0c64f",
    "labels": ["delay", "staff"],
    "scores": {"delay": 0.93, "refund": 0.04, "staff": 0.71},
    "abstained": False,
}


class Answered(wire.Answered):
    """One prediction: the labels whose calibrated probability reaches their threshold; there may be none.

    Do not act on an answer that `abstained`: the model is unsure of at least one label, or is paused.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    labels: list[str]
    scores: Annotated[dict[str, float], Field(description="the probability of every label by itself")]
    abstained: bool
    why: Annotated[list[WordWeight] | None, Field(description="the weightiest first; what was masked stays masked")] = (
        None
    )


class Row(wire.Row):
    """The labels of a text, and the probability of every label by itself."""

    labels: list[str]
    scores: dict[str, float]
    id: str
    version: int
    abstained: bool


def prediction_body(prediction: Prediction, target: LabelSets, why: list[WordWeight] | None = None) -> Answered:
    """Return the body of a prediction for `/v1/models/MODEL/predict`."""
    return Answered(**_fields(prediction, target), truncated=prediction.truncated or None, why=why)


def parse_prediction(body: Mapping[str, Any], target: LabelSets) -> Answer:
    """Return the answer in a prediction of `/v1`; the confidence of the set is the lowest of its labels."""
    labels, scores = set(body["labels"]), body["scores"]
    decisions = (score if label in labels else 1 - score for label, score in scores.items())
    confidence = min(decisions, default=1.0)
    return Answer("multilabel", scores, target.cell(labels), confidence, body["abstained"])


def row(prediction: Prediction, target: LabelSets) -> Row:
    """Return the body of a prediction for `/invocations`."""
    return Row(**_fields(prediction, target), version=prediction.version)


def to_cell(named: NamedLabels, target: LabelSets) -> str | None:
    """Return the cell of the named set: `labels`, or `label` for one. Raises UnfitLabel."""
    if not named.has_labels:
        return None
    if named.labels is not None and named.label is not None and {named.label} != set(named.labels):
        raise UnfitLabel("`label` and `labels` say different things: send one of them")
    labels = {*(named.labels or ()), *([named.label] if named.label is not None else [])}
    if labels - set(target.labels):
        raise UnfitLabel(f"one of these is no label of this model; choose from {', '.join(target.labels)}")
    return target.cell(labels)


def empty_cell(target: LabelSets) -> str:
    """Return the cell of the empty set."""
    return target.cell(set())


def margin(payload: Mapping[str, float]) -> float:
    """Return the distance of the least certain label from one half, scaled to 0 to 1."""
    return min(abs(2 * score - 1) for score in payload.values())


def feedback_fields(cell: str, target: LabelSets) -> dict[str, Any]:
    """Return the field `labels`."""
    return {"labels": target.ordered_labels(cell)}


def _fields(prediction: Prediction, target: LabelSets) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "labels": target.ordered_labels(prediction.label or ""),
        "scores": dict(prediction.payload),
        "abstained": bool(prediction.abstained),
    }
