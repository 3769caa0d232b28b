"""HTTP bodies of predictions with one label."""

import heapq
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from pipelines.inference.explanation import WordWeight
from pipelines.kinds import wire
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Answer
from pipelines.kinds.wire import NamedLabels, UnfitLabel
from pipelines.store.predictions import Prediction


class Answered(wire.Answered):
    """One prediction; send its id along with feedback.

    The score is a calibrated confidence. Do not act on an answer that `abstained`: the confidence is below the model's
    threshold, or the model is paused without a fixed label.
    """

    id: str
    label: str
    score: float
    scores: dict[str, float]
    abstained: bool
    why: Annotated[list[WordWeight] | None, Field(description="the weightiest first; what was masked stays masked")] = (
        None
    )


class Row(wire.Row):
    """The most probable label (empty for a paused model) and its calibrated confidence.

    Send the id along with feedback, and do not act on an answer that `abstained`.
    """

    label: str
    score: float
    id: str
    version: int
    abstained: bool


def prediction_body(prediction: Prediction, _: Labels, why: list[WordWeight] | None = None) -> Answered:
    """Return the body of a prediction for `/v1/models/MODEL/predict`."""
    return Answered(
        id=prediction.id,
        label=prediction.label or "",
        score=prediction.score or 0.0,
        scores=dict(prediction.payload),
        abstained=bool(prediction.abstained),
        truncated=prediction.truncated or None,
        why=why,
    )


def parse_prediction(body: Mapping[str, Any], _: Labels) -> Answer:
    """Return the answer in a prediction of `/v1`."""
    return Answer("classification", body["scores"], body["label"], body["score"], body["abstained"])


def row(prediction: Prediction, _: Labels) -> Row:
    """Return the body of a prediction for `/invocations`."""
    return Row(
        label=prediction.label or "",
        score=prediction.score or 0.0,
        id=prediction.id,
        version=prediction.version,
        abstained=bool(prediction.abstained),
    )


def to_cell(named: NamedLabels, target: Labels) -> str | None:
    """Return the named label; a list may have one label only. Raises UnfitLabel."""
    if named.labels is not None:
        if len(named.labels) != 1 or named.label not in (None, *named.labels):
            raise UnfitLabel(f"a text has one label here: send `label`, one of {target.expected}")
        return _declared(named.labels[0], target)
    return None if named.label is None else _declared(named.label, target)


def empty_cell(_: Labels) -> None:
    """Return None: "none of these" is no valid answer of this kind, and training does not use it."""
    return


def margin(payload: Mapping[str, float]) -> float:
    """Return the margin of the two highest probabilities (margin sampling: Scheffer and others, 2001)."""
    first, second, *_ = *heapq.nlargest(2, payload.values()), 0.0, 0.0
    return first - second


def feedback_fields(cell: str, _: Labels) -> dict[str, Any]:
    """Return the field `label`."""
    return {"label": cell}


def _declared(label: str, target: Labels) -> str:
    declared = target.read(label)
    if declared is None:
        raise UnfitLabel(f"not a label of this model; choose from {', '.join(target.labels)}")
    return declared
