"""What people said last about texts that no model ever learns from: whether the world moved on from the test split."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, plain, unshown
from pipelines.evaluation.paired import Paired, paired, worse_on_texts
from pipelines.evaluation.significance import Pairs, p_below
from pipelines.ingestion import near_duplicates
from pipelines.ingestion.splits import TEST
from pipelines.ingestion.text import bucket
from pipelines.kinds.target import Target
from pipelines.store.labelled_feedback import LabelledText

MOST, LEAST = 1000, 50


class Compared(Protocol):
    """What a kind finds of challenger and champion on the same texts; attached as it is."""

    @property
    def pairs(self) -> Pairs:
        """Right answers of the one and the other."""


Compare = Callable[[Case, pd.DataFrame, Sequence[str], Sequence[str]], Compared]


@dataclass(frozen=True)
class Recent:
    """Right answers to so many recent texts; with too few of them nothing is said. `since` is a feedback row."""

    texts: int
    right: int
    enough: bool
    since: int
    against: Paired | None = None


def by_pairs(_case: Case, texts: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str]) -> Paired:
    """Both contestants on `texts` (columns key, text, label, customer), where a right answer has the cell."""
    return paired(_right(challenger, texts), _right(champion, texts))


def latest(case: Case, compare: Compare = by_pairs) -> Iterator[Measure | Attachment]:
    """Both contestants on what was said last; single texts decide, so that a hundred of them can say something."""
    texts = pd.DataFrame(
        [{"key": one.key, "text": one.text, "label": one.label, "customer": one.customer} for one in case.recent]
    )
    cells = {who: case.contest.ask(who, texts["text"].tolist()).cells for who in case.contest.packages if len(texts)}
    against = compare(case, texts, cells[CHALLENGER], cells[CHAMPION]) if CHAMPION in cells else None
    found = _counted(case, _right(cells[CHALLENGER], texts) if cells else [], against)
    yield Attachment("recent", {**plain(found), "against": plain(against)})
    yield from up_to_date(found, case.gate)


def up_to_date(found: Recent | None, gate: Gate) -> Iterator[Measure]:
    """Not worse than the champion and not under the accuracy floor on recent feedback, where there is enough."""
    if found is None:
        yield unshown("recent", "recent feedback")
    elif found.enough:
        yield Measure("recent.accuracy", found.right / found.texts)
        yield _above_the_floor(found.right, found.texts, gate)
        if found.against:
            yield worse_on_texts("recent.p_worse", found.against.pairs, gate, "on recent texts")


def _counted(case: Case, right: Sequence[bool], against: Compared | None) -> Recent:
    since = case.recent[0].feedback if case.recent else 0
    return Recent(len(right), sum(right), len(right) >= LEAST, since, Paired(against.pairs) if against else None)


def _right(cells: Sequence[str], texts: pd.DataFrame) -> list[bool]:
    return [cell == given for cell, given in zip(cells, texts["label"], strict=True)]


def _above_the_floor(right: int, texts: int, gate: Gate) -> Measure:
    """Not shown to be under the floor of accuracy."""
    chance = p_below(right, texts, gate.accuracy)
    said = f"{right} of {texts} recent texts are right, under the floor {gate.accuracy:.3f}"
    wording = said if chance < gate.alpha else ""
    return Measure("recent.p_floor", chance, limit=gate.alpha, direction="at least", gate=("alpha",), wording=wording)


def texts_and_labels(lessons: Sequence[LabelledText]) -> pd.DataFrame:
    """What is kept of recent feedback as evidence: its masked texts, the labels, and the rows that say so."""
    return pd.DataFrame(
        [{"key": one.key, "text": one.text, "label": one.label, "feedback": one.feedback} for one in lessons]
    )


def recent(
    lessons: Sequence[LabelledText], target: Target, train: pd.DataFrame, test: pd.DataFrame
) -> list[LabelledText]:
    """The newest feedback on texts whose hash holds them out, in order of time, that says what may be answered now.

    Texts of the frozen split are not among them, and none is nearly a text that was learnt from.
    """
    known = {*train["key"], *test["key"]}
    held = [one for one in lessons if bucket(one.key) < TEST and one.key not in known]
    cells = [(one, target.read(one.label)) for one in held]
    held = [replace(one, label=cell) for one, cell in cells if cell is not None][-MOST:]
    if not held:
        return []
    taught = [*train["text"], *(one.text for one in lessons if bucket(one.key) >= TEST)]
    prints = near_duplicates.prints([*taught, *(one.text for one in held)])
    learnt = near_duplicates.Index(prints[: len(taught)])
    return [one for one, print_ in zip(held, prints[len(taught) :], strict=True) if print_ not in learnt]
