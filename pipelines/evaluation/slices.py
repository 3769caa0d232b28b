"""How a model does on the parts of the texts that its declaration names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.catalog.spec import Gate, Slice, Source
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, counted, unshown
from pipelines.evaluation.significance import holm, p_below
from pipelines.ingestion import records
from pipelines.ingestion.language import language

SHORT = 8  # words: half of the airline messages have up to 19, a tenth fewer than eight
_HANDLE = re.compile(r"@\w|<HANDLE>")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
Values = Callable[[pd.DataFrame, Slice], "pd.Series[str]"]


class NoSuchSlice(ValueError):
    """A slice by what the texts do not tell."""


@dataclass(frozen=True)
class SliceScore:
    """Right answers on one slice; `enough` texts or not, and whether too few refuse."""

    name: str
    texts: int
    right: int
    champion: int | None
    enough: bool
    floor: float
    required: bool

    @property
    def accuracy(self) -> float:
        """Share of right answers; not a number without texts."""
        return self.right / self.texts if self.texts else float("nan")


def parts(case: Case) -> Iterator[Measure | Attachment]:
    """Every declared slice of the test texts. Raises NoSuchSlice."""
    cells = {who: answers.cells for who, answers in case.answers.items()}
    found = slices(case.spec.slices, case.test, cells[CHALLENGER], cells.get(CHAMPION))
    yield Attachment("slices", found)
    yield from parted(found, case.gate)


def parted(found: Sequence[SliceScore] | None, gate: Gate) -> Iterator[Measure]:
    """None is shown to be under its floor; one with too few texts refuses only where it is required."""
    if found is None:
        yield unshown("slices", "slices")
        return
    for one in found:
        yield Measure(f"slice.{one.name}", one.accuracy if one.enough else None)
    lacking = [f"{one.name} ({one.texts})" for one in found if one.required and not one.enough]
    yield counted("slices.lacking", len(lacking), f"insufficient texts of required slices: {', '.join(lacking)}")
    enough = {one.name: one for one in found if one.enough}
    under = holm({name: p_below(one.right, one.texts, one.floor) for name, one in enough.items()}, gate.alpha)
    said = ", ".join(f"{name} ({enough[name].right} of {enough[name].texts})" for name in under)
    yield counted("slices.under_floor", len(under), f"slices under their floor: {said}", "alpha")


def slices(
    declared: Sequence[Slice], test: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str] | None
) -> tuple[SliceScore, ...]:
    """Every declared slice of the test texts (columns key, text, label); raises NoSuchSlice."""
    given = test["label"].to_numpy()
    right = np.array(challenger) == given
    other = None if champion is None else np.array(champion) == given
    scores = []
    for one in declared:
        inside = (PREDICATES[one.by](test, one) == one.value).to_numpy(dtype=bool)
        texts, before = int(inside.sum()), None if other is None else int(other[inside].sum())
        enough = texts >= one.least
        scores.append(SliceScore(one.name, texts, int(right[inside].sum()), before, enough, one.floor, one.required))
    return tuple(scores)


def _texts(read: Callable[[str], object]) -> Values:
    return lambda test, _: test["text"].map(lambda text: str(read(text)))


def _airline(test: pd.DataFrame, one: Slice) -> "pd.Series[str]":
    """The declared handle where the text mentions it: an own handle is never masked."""
    named = re.compile(rf"@{re.escape(one.value)}\b", re.IGNORECASE)
    return test["text"].map(lambda text: one.value if named.search(text) else "")


def _column(test: pd.DataFrame, one: Slice) -> "pd.Series[str]":
    if one.by not in test:
        raise NoSuchSlice(f"the slice {one.name!r} needs source.{one.by}, a column that says it")
    return test[one.by]


def _need(test: pd.DataFrame, one: Slice) -> "pd.Series[str]":
    """What each text is about, from a CSV `hash,label`."""
    if one.labels is None:
        raise NoSuchSlice(f"the slice {one.name!r} needs `labels`, a CSV `hash,label` that says it")
    read = records.read(one.labels, Source(uri=one.labels, text="hash", label="label"))
    known = {row.text.strip(): row.label for row in read if isinstance(row, records.Record)}
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
