"""One label over HTTP."""

import heapq
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from pipelines.inference.explanation import Word
from pipelines.kinds import wire
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Answer
from pipelines.kinds.wire import Named, UnfitLabel
from pipelines.store.predictions import Prediction


class Answered(wire.Answered):
    """One prediction; send its id along with feedback.

    The score is a calibrated confidence. Nobody should act on an answer that `abstained`: the confidence lies under
    the model's threshold, or the model is paused and named no label.
    """

    id: str
    label: str
    score: float
    scores: dict[str, float]
    abstained: bool
    why: Annotated[list[Word] | None, Field(description="the weightiest first; what was masked stays masked")] = None


class Row(wire.Row):
    """The most probable label, empty for a model that is paused, and the calibrated confidence in it.

    Send the id along with feedback, and act on no answer that `abstained`.
    """

    label: str
    score: float
    id: str
    version: int
    abstained: bool


def answered(prediction: Prediction, _: Labels, why: list[Word] | None = None) -> Answered:
    """As `/v1/models/MODEL/predict` gives it."""
    return Answered(
        id=prediction.id,
        label=prediction.label or "",
        score=prediction.score or 0.0,
        scores=dict(prediction.payload),
        abstained=bool(prediction.abstained),
        why=why,
    )


def heard(body: Mapping[str, Any], _: Labels) -> Answer:
    """The answer in a prediction of `/v1`."""
    return Answer("classification", body["scores"], body["label"], body["score"], body["abstained"])


def row(prediction: Prediction, _: Labels) -> Row:
    """As `/invocations` gives it."""
    return Row(
        label=prediction.label or "",
        score=prediction.score or 0.0,
        id=prediction.id,
        version=prediction.version,
        abstained=bool(prediction.abstained),
    )


def taught(named: Named, target: Labels) -> str | None:
    """The label, as it was named or as the only one of several."""
    if named.labels is not None:
        if len(named.labels) != 1 or named.label not in (None, *named.labels):
            raise UnfitLabel(f"a text has one label here: send `label`, one of {target.expected}")
        return _known(named.labels[0], target)
    return None if named.label is None else _known(named.label, target)


def nothing(_: Labels) -> None:
    """A text with none of the labels has no answer here: it is a complaint, and teaches nothing."""
    return


def margin(payload: Mapping[str, float]) -> float:
    """How far the most probable label lies above the next (margin sampling: Scheffer and others, 2001)."""
    first, second, *_ = *heapq.nlargest(2, payload.values()), 0.0, 0.0
    return first - second


def feedback(cell: str, _: Labels) -> dict[str, Any]:
    """The label."""
    return {"label": cell}


def _known(label: str, target: Labels) -> str:
    if label not in target.labels:
        raise UnfitLabel(f"not a label of this model; choose from {', '.join(target.labels)}")
    return label
