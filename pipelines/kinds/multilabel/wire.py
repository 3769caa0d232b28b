"""Sets of labels over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from pipelines.inference.explanation import Word
from pipelines.kinds import wire
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.wire import Named, UnfitLabel
from pipelines.store.predictions import Prediction

EXAMPLE: JsonDict = {
    "id": "5f0c64f2b5d34ad5a4b2f1d1b5f0c64f",
    "labels": ["delay", "staff"],
    "scores": {"delay": 0.93, "refund": 0.04, "staff": 0.71},
    "abstained": False,
}


class Answered(wire.Answered):
    """One prediction: the labels whose calibrated probability reaches their threshold; there may be none.

    Nobody should act on an answer that `abstained`: the model is unsure of at least one of the labels, or is paused.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    labels: list[str]
    scores: Annotated[dict[str, float], Field(description="the probability of every label by itself")]
    abstained: bool
    why: Annotated[list[Word] | None, Field(description="the weightiest first; what was masked stays masked")] = None


class Row(wire.Row):
    """The labels of a text, and the probability of every label by itself."""

    labels: list[str]
    scores: dict[str, float]
    id: str
    version: int
    abstained: bool


def answered(prediction: Prediction, target: LabelSets, why: list[Word] | None = None) -> Answered:
    """As `/v1/models/MODEL/predict` gives it."""
    return Answered(**_fields(prediction, target), why=why)


def heard(body: Mapping[str, Any], target: LabelSets) -> Answer:
    """The answer in a prediction of `/v1`, which does not say how sure the set is: the least of its labels tells."""
    labels, scores = set(body["labels"]), body["scores"]
    sure = min((chance if label in labels else 1 - chance for label, chance in scores.items()), default=1.0)
    return Answer("multilabel", scores, target.cell(labels), sure, body["abstained"])


def row(prediction: Prediction, target: LabelSets) -> Row:
    """As `/invocations` gives it."""
    return Row(**_fields(prediction, target), version=prediction.version)


def taught(named: Named, target: LabelSets) -> str | None:
    """The set that was named: `labels`, or `label` for one."""
    if not named.said:
        return None
    if named.labels is not None and named.label is not None and {named.label} != set(named.labels):
        raise UnfitLabel("`label` and `labels` say different things: send one of them")
    labels = {*(named.labels or ()), *([named.label] if named.label is not None else [])}
    if labels - set(target.labels):
        raise UnfitLabel(f"one of these is no label of this model; choose from {', '.join(target.labels)}")
    return target.cell(labels)


def nothing(target: LabelSets) -> str:
    """The empty set."""
    return target.cell(set())


def margin(payload: Mapping[str, float]) -> float:
    """How far the least sure label lies from one half."""
    return min(abs(2 * chance - 1) for chance in payload.values())


def feedback(cell: str, target: LabelSets) -> dict[str, Any]:
    """The labels of the cell."""
    return {"labels": target.listed(cell)}


def _fields(prediction: Prediction, target: LabelSets) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "labels": target.listed(prediction.label or ""),
        "scores": dict(prediction.payload),
        "abstained": bool(prediction.abstained),
    }
