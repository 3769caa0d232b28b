"""The kill switch: a paused model abstains or gives one fixed label until a person resumes it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeGuard

from pipelines.inference.artefact import open_package, read_package_metadata
from pipelines.kinds.known import target_of_card
from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import Pause, Resumption
from pipelines.ledger.ledger import Ledger

NO_REASON = "no reason given"


class NothingToPause(LookupError):
    """The model has no champion, or is to be resumed and is not paused."""


class NoSuchLabel(ValueError):
    """The fixed answer is not one that the model can give."""


def active_pauses(entries: Iterable[Entry]) -> dict[str, EventEntry[Pause]]:
    """The entry of each model that is paused now, by model."""
    last_entries = {entry.model: entry for entry in entries if isinstance(entry.event, Pause | Resumption)}
    return {model: entry for model, entry in last_entries.items() if is_pause(entry)}


def is_pause(entry: Entry) -> TypeGuard[EventEntry[Pause]]:
    """True if the entry pauses its model."""
    return isinstance(entry.event, Pause)


def pause(ledger: Ledger, model: str, reason: str, answer: str, cache: Path) -> EventEntry[Pause]:
    """Make a model abstain for every text, or give one label to all; a second pause replaces the first.

    Without a reason, the reason of the previous pause is kept.

    Raises NothingToPause; NoSuchLabel for an `answer` that is no label of the champion.
    """
    champion = _champion(ledger, model)
    cell = _cell(answer, champion, cache) if answer else ""
    previous = active_pauses(ledger.entries()).get(model)
    reasons = (reason,) if reason else previous.reasons if previous else (NO_REASON,)
    return ledger.append(Pause(champion.event.subject, reasons, champion.version, cell))


def resume(ledger: Ledger, model: str, reason: str) -> EventEntry[Resumption]:
    """Let a paused model answer again. Raises NothingToPause."""
    champion = _champion(ledger, model)
    if model not in active_pauses(ledger.entries()):
        raise NothingToPause(f"{model!r} is not paused")
    return ledger.append(Resumption(champion.event.subject, (reason or NO_REASON,), champion.version))


def _champion(ledger: Ledger, model: str) -> Entry:
    champions = ledger.champions()
    if model not in champions:
        known = ", ".join(sorted(champions)) or "none"
        raise NothingToPause(f"{model!r} has no champion, so nothing answers for it; models that have one: {known}")
    return champions[model]


def _cell(answer: str, champion: Entry, cache: Path) -> str:
    """The answer in the form that the champion itself would write."""
    folder = open_package(champion.package, champion.digest, cache)
    target = target_of_card(read_package_metadata(folder))
    cell = target.read(answer)
    if cell is None:
        raise NoSuchLabel(f"{answer!r} is no answer of {champion.model!r}; choose from {target.expected}")
    return cell
