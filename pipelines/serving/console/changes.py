"""What two versions answered differently on the texts that both were judged on."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from pipelines.ledger.entry import Entry
from pipelines.promotion.evidence import TamperedEvidence, answers, texts
from pipelines.serving.console.history import judged

SHOWN = 300
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
    """What two versions answered differently on the texts that both were judged on; `why` nothing can be said."""

    texts: int
    gained: int
    lost: int
    neither: int
    flips: list[Flip]
    why: str


def changes(entries: Sequence[Entry], before: int, after: int) -> Changes:
    """Texts that were right and are wrong now come first. Raises UnknownVersion."""
    one, other = judged(entries, before), judged(entries, after)
    try:
        was, now = _answers(one, other, before), _answers(other, one, after)
        wording = {row["key"]: row["text"] for row in texts(other.files)}
    except TamperedEvidence as error:
        return _told([], 0, str(error))
    both = [key for key in now if key in was]
    flips = [
        Flip(text=wording.get(key, ""), label=now[key][0], before=was[key][1], after=now[key][1], change=kind)
        for key in both
        if (kind := _kind(was[key], now[key]))
    ]
    return _told(flips, len(both), "" if both else "the two were not judged on the same texts")


Said = tuple[str, str]  # the label a text carries, and what was answered


def _answers(entry: Entry, other: Entry, version: int) -> dict[str, Said]:
    """By key; where the other's decision was taken beside this version, as it answered then, on the same texts."""
    if other.champion == version and "champion" in (rows := answers(other.files))[0]:
        return {row["key"]: (row["label"], row["champion"]) for row in rows}
    return {row["key"]: (row["label"], row["challenger"]) for row in answers(entry.files)}


def _kind(was: Said, now: Said) -> Change | None:
    if was[1] == now[1]:
        return None
    return "gained" if now[1] == now[0] else "lost" if was[1] == was[0] else "neither"


def _told(flips: list[Flip], texts: int, why: str) -> Changes:
    counts = Counter(flip.change for flip in flips)
    ordered = sorted(flips, key=lambda flip: ORDER.index(flip.change))[:SHOWN]
    return Changes(texts=texts, flips=ordered, why=why, **{kind: counts[kind] for kind in ORDER})
