"""Scores of a model on the declared slices of the test texts."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.catalog.gate import Gate, Slice
from pipelines.catalog.spec import Source
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, missing_measure, none_allowed
from pipelines.ingestion import records
from pipelines.ingestion.language import language
from pipelines.statistics.significance import holm, p_below

SHORT = 8  # words: half of the airline messages have up to 19, a tenth fewer than eight
_HANDLE = re.compile(r"@\w|<HANDLE>")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
Values = Callable[[pd.DataFrame, Slice], "pd.Series[str]"]


class NoSuchSlice(ValueError):
    """A slice whose predicate the texts cannot answer: a column or file is missing."""


@dataclass(frozen=True)
class SliceScore:
    """Right answers on one slice; `champion` has the champion's, `required` refuses if there are not `enough` texts."""

    name: str
    texts: int
    right: int
    champion: int | None
    enough: bool
    floor: float
    required: bool

    @property
    def accuracy(self) -> float:
        """Share of right answers; NaN without texts."""
        return self.right / self.texts if self.texts else float("nan")


def measure_slices(case: Case) -> Iterator[Measure | Attachment]:
    """Score every declared slice of the test texts. Raises NoSuchSlice."""
    cells = {role: answers.cells for role, answers in case.answers.items()}
    scores = score_slices(case.spec.slices, case.test, cells[CHALLENGER], cells.get(CHAMPION))
    yield Attachment("slices", scores)
    yield from slice_measures(scores, case.gate)


def slice_measures(scores: Sequence[SliceScore] | None, gate: Gate) -> Iterator[Measure]:
    """Refuse slices that are significantly under their floor, and required slices with too few texts."""
    if scores is None:
        yield missing_measure("slices", "slices")
        return
    for score in scores:
        yield Measure(f"slice.{score.name}", score.accuracy if score.enough else None)
    lacking = [f"{score.name} ({score.texts})" for score in scores if score.required and not score.enough]
    yield none_allowed("slices.lacking", len(lacking), f"insufficient texts of required slices: {', '.join(lacking)}")
    enough = {score.name: score for score in scores if score.enough}
    p_values = {name: p_below(score.right, score.texts, score.floor) for name, score in enough.items()}
    under = holm(p_values, gate.alpha)
    listed = ", ".join(f"{name} ({enough[name].right} of {enough[name].texts})" for name in under)
    yield none_allowed("slices.under_floor", len(under), f"slices under their floor: {listed}", "alpha")


def score_slices(
    declared: Sequence[Slice], test: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str] | None
) -> tuple[SliceScore, ...]:
    """Return the score of every declared slice of the test texts (columns key, text, label). Raises NoSuchSlice."""
    labels = test["label"].to_numpy()
    right = np.array(challenger) == labels
    champion_right = None if champion is None else np.array(champion) == labels
    scores = []
    for part in declared:
        inside = (PREDICATES[part.by](test, part) == part.value).to_numpy(dtype=bool)
        texts, before = int(inside.sum()), None if champion_right is None else int(champion_right[inside].sum())
        enough = texts >= part.min_texts
        scores.append(
            SliceScore(part.name, texts, int(right[inside].sum()), before, enough, part.min_accuracy, part.required)
        )
    return tuple(scores)


def _texts(read: Callable[[str], object]) -> Values:
    return lambda test, _: test["text"].map(lambda text: str(read(text)))


def _airline(test: pd.DataFrame, part: Slice) -> "pd.Series[str]":
    """Return the declared handle for texts that mention it, else `""`: an own handle is never masked."""
    named = re.compile(rf"@{re.escape(part.value)}\b", re.IGNORECASE)
    return test["text"].map(lambda text: part.value if named.search(text) else "")


def _column(test: pd.DataFrame, part: Slice) -> "pd.Series[str]":
    if part.by not in test:
        raise NoSuchSlice(f"the slice {part.name!r} needs source.{part.by}, a column with its value")
    return test[part.by]


def _need(test: pd.DataFrame, part: Slice) -> "pd.Series[str]":
    """Return the need of each text from a CSV `hash,label`."""
    if part.labels is None:
        raise NoSuchSlice(f"the slice {part.name!r} needs `labels`, a CSV `hash,label` with the need of each text")
    rows = records.read(part.labels, Source(uri=part.labels, text="hash", label="label"))
    known = {row.text.strip(): row.label for row in rows if isinstance(row, records.Record)}
    return test["key"].map(lambda key: known.get(key) or "")


PREDICATES: dict[str, Values] = {
    "airline": _airline,
    "length": _texts(lambda text: "short" if len(text.split()) < SHORT else "long"),
    "language": _texts(language),
    "has-handle": _texts(lambda text: "yes" if _HANDLE.search(text) else "no"),
    "has-emoji": _texts(lambda text: "yes" if _EMOJI.search(text) else "no"),
    "channel": _column,
    "need": _need,
}
