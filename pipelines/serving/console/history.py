"""What became of a model's versions: read from the ledger and the evidence that it names."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Pause, Rollback, Ruling, Tag, overridden
from pipelines.ledger.queries import crowns, current_champions, decided, pruned
from pipelines.promotion.evidence import TamperedEvidence
from pipelines.promotion.rollback import NoRollbackTarget, rollback_target
from pipelines.promotion.verdict import Verdict, held_or_refused
from pipelines.serving.console import scorecards

NOTHING = {"rows": None, "macro_f1": None, "accuracy": None}


State = Literal["champion", "previous", "past", Verdict.REFUSED, Verdict.HELD, "pruned"]


class Noted(BaseModel):
    """An entry of the ledger."""

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
    """A version that was judged; macro-F1 and accuracy with the 95% intervals they were found in."""

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
    """A model's versions and everything that the ledger says of it, the newest first."""

    model: str
    champion: int | None
    back: Annotated[int | None, Field(description="the version that a rollback would return to")]
    versions: list[Version]
    entries: list[Noted]


class UnknownVersion(LookupError):
    """A version that the ledger does not know."""


def history(model: str, entries: Sequence[Entry]) -> History:
    """Versions and entries, the newest first, by the entries about one model."""
    champion = current_champions(entries).get(model)
    return History(
        model=model,
        champion=champion.version if champion else None,
        back=way_back(entries, model),
        versions=sorted(versions(entries), key=lambda one: -one.version),
        entries=[noted(entry) for entry in reversed(entries)],
    )


def noted(entry: Entry) -> Noted:
    """An entry as the console shows it."""
    return Noted(
        event=entry.event.tag,
        version=entry.version,
        time=entry.time,
        champion=entry.champion,
        reasons=list(entry.reasons),
        override=overridden(entry.event),
        by=entry.by,
        answer=entry.event.answer if isinstance(entry.event, Pause) else "",
        feedback=entry.event.subject.feedback,
    )


def way_back(entries: Sequence[Entry], model: str) -> int | None:
    """The version that a rollback would return to."""
    try:
        return rollback_target(entries, model, None).version
    except NoRollbackTarget:
        return None


def versions(entries: Sequence[Entry]) -> list[Version]:
    """Every version that was judged, by its last decision."""
    last = {entry.version: entry for entry in decided(entries) if not isinstance(entry.event, Rollback)}
    return [_version(entry, _state(entry, entries)) for entry in last.values()]


def version(entries: Sequence[Entry], number: int) -> Version:
    """One of them. Raises UnknownVersion."""
    return _version(judged(entries, number), _state(judged(entries, number), entries))


def judged(entries: Sequence[Entry], number: int) -> Record[Ruling]:
    """The decision about a version that its evidence belongs to. Raises UnknownVersion."""
    found = [one for one in decided(entries) if one.version == number]
    if not found:
        raise UnknownVersion(f"no version {number} was judged; the history of the model lists those that were")
    return next((one for one in reversed(found) if not isinstance(one.event, Rollback)), found[-1])


def _version(entry: Entry, state: State) -> Version:
    try:
        shown, faults = scorecards.figures(scorecards.scorecard(entry)), []
    except (TamperedEvidence, KeyError, ValueError) as error:
        shown, faults = NOTHING, [str(error)]
    return Version(
        version=entry.version,
        state=state,
        time=entry.time,
        reasons=list(entry.reasons),
        override=overridden(entry.event),
        feedback=entry.event.subject.feedback,
        faults=faults,
        **shown,
    )


def _state(entry: Entry, entries: Sequence[Entry]) -> State:
    number, champions = entry.version, [one.version for one in entries if crowns(one)]
    if champions and number == champions[-1]:
        return "champion"
    if number in pruned(entries, entry.model):
        return "pruned"
    if number == way_back(entries, entry.model):
        return "previous"
    if number in champions:
        return "past"
    return held_or_refused(entry.event)
