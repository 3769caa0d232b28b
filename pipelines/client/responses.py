"""What a service answers, as values; fields that a newer service adds are passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Word:
    """A word that mattered for an answer, and what the answer's probability loses without it."""

    word: str
    weight: float


@dataclass(frozen=True)
class Prediction:
    """One answer: its id is for feedback; nobody should act on it where it `abstained`.

    A model that gives several labels has them in `labels`, an empty `label` and no score.
    """

    id: str
    label: str
    score: float | None
    scores: Mapping[str, float]
    abstained: bool
    why: tuple[Word, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answers:
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
class Served:
    """A champion that answers; `paused` is the reason why it says nothing of its own, empty where it does."""

    model: str
    version: int
    kind: str
    labels: tuple[str, ...]
    since: str
    paused: str = ""


def answers(said: Said) -> Answers:
    """Of `POST /v1/models/{model}/predict`."""
    return Answers(said["model"], said["version"], tuple(map(_prediction, said["predictions"])))


def receipt(said: Said) -> Receipt:
    """Of `POST /v1/feedback`."""
    return Receipt(said["id"], said["model"])


def served(said: Said) -> tuple[Served, ...]:
    """Of `GET /v1/models`."""
    return tuple(map(_served, said["models"]))


def _prediction(said: Said) -> Prediction:
    why = tuple(Word(one["word"], one["weight"]) for one in said.get("why") or ())
    label, abstained = said.get("label", ""), said.get("abstained", False)
    labels = tuple(said.get("labels", [label] if label else []))
    return Prediction(said["id"], label, said.get("score"), said["scores"], abstained, why, labels)


def _served(said: Said) -> Served:
    paused = (said.get("paused") or {}).get("reason", "")
    return Served(said["model"], said["version"], said["kind"], tuple(said["labels"]), said["since"], paused)
