"""The history of a model's versions, read from the ledger and the evidence that it names."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import DecisionEvent, Pause, Rollback, Tag, override_reason
from pipelines.ledger.queries import current_champions, decisions, promotes, pruning_entries
from pipelines.promotion.evidence import TamperedEvidence
from pipelines.promotion.rollback import NoRollbackTarget, rollback_target
from pipelines.promotion.verdict import Verdict, held_or_refused
from pipelines.serving.console import scorecards

NO_FIGURES = {"rows": None, "macro_f1": None, "accuracy": None}

State = Literal["champion", "previous", "past", Verdict.REFUSED, Verdict.HELD, "pruned"]


class LedgerEntry(BaseModel):
    """An entry of the ledger as the console shows it."""

    event: Tag
    version: int
    time: str
    champion: int | None
    reasons: list[str]
    override: str
    by: str
    answer: str
    feedback: int


class Version(BaseModel):
    """A version that was judged; macro-F1 and accuracy between 0 and 1, with their 95% intervals."""

    version: int
    state: State
    time: str
    reasons: list[str]
    override: str
    feedback: int
    macro_f1: dict[str, float] | None
    accuracy: dict[str, float] | None
    rows: int | None
    faults: list[str]


class History(BaseModel):
    """A model's versions and its entries in the ledger, the newest first."""

    model: str
    champion: int | None
    back: Annotated[int | None, Field(description="the version that a rollback returns to; null if there is none")]
    versions: list[Version]
    entries: list[LedgerEntry]


class NoSuchVersion(LookupError):
    """The ledger has no decision about this version."""


def history(model: str, entries: Sequence[Entry]) -> History:
    """The history of a model, newest first, from the ledger's entries about it."""
    champion = current_champions(entries).get(model)
    return History(
        model=model,
        champion=champion.version if champion else None,
        back=rollback_version(entries, model),
        versions=sorted(versions(entries), key=lambda version: -version.version),
        entries=[ledger_entry(entry) for entry in reversed(entries)],
    )


def ledger_entry(entry: Entry) -> LedgerEntry:
    """Convert an entry of the ledger."""
    return LedgerEntry(
        event=entry.event.tag,
        version=entry.version,
        time=entry.time,
        champion=entry.champion,
        reasons=list(entry.reasons),
        override=override_reason(entry.event),
        by=entry.by,
        answer=entry.event.answer if isinstance(entry.event, Pause) else "",
        feedback=entry.event.subject.feedback,
    )


def rollback_version(entries: Sequence[Entry], model: str) -> int | None:
    """The version that a rollback returns to, None if there is none."""
    try:
        return rollback_target(entries, model, None).version
    except NoRollbackTarget:
        return None


def versions(entries: Sequence[Entry]) -> list[Version]:
    """Every version that was judged, with its last decision."""
    last = {entry.version: entry for entry in decisions(entries) if not isinstance(entry.event, Rollback)}
    return [_version(entry, _state(entry, entries)) for entry in last.values()]


def version(entries: Sequence[Entry], number: int) -> Version:
    """One version with its last decision. Raises UnknownVersion."""
    entry = decision_entry(entries, number)
    return _version(entry, _state(entry, entries))


def decision_entry(entries: Sequence[Entry], number: int) -> EventEntry[DecisionEvent]:
    """The entry whose evidence a version was judged on: its last decision but rollbacks. Raises UnknownVersion."""
    about = [entry for entry in decisions(entries) if entry.version == number]
    if not about:
        raise NoSuchVersion(f"no version {number} was judged; the history of the model lists those that were")
    return next((entry for entry in reversed(about) if not isinstance(entry.event, Rollback)), about[-1])


def _version(entry: Entry, state: State) -> Version:
    try:
        figures, faults = scorecards.figures(scorecards.scorecard(entry)), []
    except (TamperedEvidence, KeyError, ValueError) as error:
        figures, faults = NO_FIGURES, [str(error)]
    return Version(
        version=entry.version,
        state=state,
        time=entry.time,
        reasons=list(entry.reasons),
        override=override_reason(entry.event),
        feedback=entry.event.subject.feedback,
        faults=faults,
        **figures,
    )


def _state(entry: Entry, entries: Sequence[Entry]) -> State:
    number, champions = entry.version, [past.version for past in entries if promotes(past)]
    if champions and number == champions[-1]:
        return "champion"
    if number in pruning_entries(entries, entry.model):
        return "pruned"
    if number == rollback_version(entries, entry.model):
        return "previous"
    if number in champions:
        return "past"
    return held_or_refused(entry.event)
