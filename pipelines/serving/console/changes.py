"""Comparison of two versions: the held-out texts that they answer differently."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from pipelines.ledger.entry import Entry
from pipelines.promotion.evidence import TamperedEvidence, answers, texts
from pipelines.serving.console.history import decision_entry

MAX_FLIPS = 300
Change = Literal["lost", "gained", "neither"]
ORDER: tuple[Change, ...] = ("lost", "gained", "neither")


class Flip(BaseModel):
    """A held-out text that two versions answer differently."""

    text: str
    label: str
    before: str
    after: str
    change: Change


class Changes(BaseModel):
    """The texts that both versions were judged on, by change; `why` is the reason if they cannot be compared."""

    texts: int
    gained: int
    lost: int
    neither: int
    flips: list[Flip]
    why: str


def changes(entries: Sequence[Entry], before: int, after: int) -> Changes:
    """Compare two versions; texts that became wrong come first. Raises UnknownVersion."""
    entry_before, entry_after = decision_entry(entries, before), decision_entry(entries, after)
    try:
        answers_before = _answers(entry_before, entry_after, before)
        answers_after = _answers(entry_after, entry_before, after)
        text_by_key = {row["key"]: row["text"] for row in texts(entry_after.files)}
    except TamperedEvidence as error:
        return _changes([], 0, str(error))
    keys = [key for key in answers_after if key in answers_before]
    flips = [
        _flip(text_by_key.get(key, ""), answers_before[key], answers_after[key], change)
        for key in keys
        if (change := _change(answers_before[key], answers_after[key]))
    ]
    return _changes(flips, len(keys), "" if keys else "the two were not judged on the same texts")


Labelled = tuple[str, str]  # the label of a text, and the answer to it


def _answers(entry: Entry, other: Entry, version: int) -> dict[str, Labelled]:
    """Answers by text key; from the other decision's table if this version was the champion there: same texts."""
    if other.champion == version and "champion" in (rows := answers(other.files))[0]:
        return {row["key"]: (row["label"], row["champion"]) for row in rows}
    return {row["key"]: (row["label"], row["challenger"]) for row in answers(entry.files)}


def _change(before: Labelled, after: Labelled) -> Change | None:
    if before[1] == after[1]:
        return None
    return "gained" if after[1] == after[0] else "lost" if before[1] == before[0] else "neither"


def _flip(text: str, before: Labelled, after: Labelled, change: Change) -> Flip:
    return Flip(text=text, label=after[0], before=before[1], after=after[1], change=change)


def _changes(flips: list[Flip], texts: int, why: str) -> Changes:
    counts = Counter(flip.change for flip in flips)
    ordered = sorted(flips, key=lambda flip: ORDER.index(flip.change))[:MAX_FLIPS]
    return Changes(texts=texts, flips=ordered, why=why, **{change: counts[change] for change in ORDER})
