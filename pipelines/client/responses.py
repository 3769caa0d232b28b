"""The service's responses as values; unknown fields of a newer service are ignored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Word:
    """A word that mattered for a prediction, and the loss of the label's probability without it."""

    word: str
    weight: float


@dataclass(frozen=True)
class Prediction:
    """One prediction: its id is for feedback; nobody should act on it if it `abstained`.

    A model with several labels has them in `labels`, an empty `label` and no score. The model read a part only of a
    text that is `truncated`.
    """

    id: str
    label: str
    score: float | None
    scores: Mapping[str, float]
    abstained: bool
    why: tuple[Word, ...] = ()
    labels: tuple[str, ...] = ()
    truncated: bool = False


@dataclass(frozen=True)
class PredictResponse:
    """Predictions in the order of the texts, and the version that made them."""

    model: str
    version: int
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class Receipt:
    """Proof that feedback is on disk."""

    id: int
    model: str


@dataclass(frozen=True)
class ModelInfo:
    """A served champion; `paused` is the reason of its pause, empty if it is not paused.

    `separator` joins several labels of one text in data files; it is None for a model of one label.
    """

    model: str
    version: int
    kind: str
    labels: tuple[str, ...]
    since: str
    paused: str = ""
    separator: str | None = None


def predict_response(body: Json) -> PredictResponse:
    """Parse the response of `POST /v1/models/{model}/predict`."""
    return PredictResponse(body["model"], body["version"], tuple(map(_prediction, body["predictions"])))


def receipt(body: Json) -> Receipt:
    """Parse the response of `POST /v1/feedback`."""
    return Receipt(body["id"], body["model"])


def model_infos(body: Json) -> tuple[ModelInfo, ...]:
    """Parse the response of `GET /v1/models`."""
    return tuple(map(_model_info, body["models"]))


def _prediction(body: Json) -> Prediction:
    why = tuple(Word(word["word"], word["weight"]) for word in body.get("why") or ())
    label, abstained = body.get("label", ""), body.get("abstained", False)
    labels = tuple(body.get("labels", [label] if label else []))
    truncated = bool(body.get("truncated"))
    return Prediction(body["id"], label, body.get("score"), body["scores"], abstained, why, labels, truncated)


def _model_info(body: Json) -> ModelInfo:
    paused = (body.get("paused") or {}).get("reason", "")
    model = ModelInfo(body["model"], body["version"], body["kind"], tuple(body["labels"]), body["since"], paused)
    return replace(model, separator=body.get("separator"))
