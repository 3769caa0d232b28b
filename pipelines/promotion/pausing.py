"""The kill switch: a paused model says nothing of its own, whichever version is champion, until a person resumes it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeGuard

from pipelines.inference.artefact import card, open_package
from pipelines.kinds.known import target_of_card
from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Pause, Resumption
from pipelines.ledger.ledger import Ledger

UNSAID = "no reason given"


class NothingToPause(LookupError):
    """A model without a champion, or one that is not paused and is to be resumed."""


class NoSuchLabel(ValueError):
    """A fixed answer that the model could not give itself."""


def paused(entries: Iterable[Entry]) -> dict[str, Record[Pause]]:
    """The entry that paused it, by model; whoever was resumed since then is not among them."""
    last = {entry.model: entry for entry in entries if isinstance(entry.event, Pause | Resumption)}
    return {model: entry for model, entry in last.items() if pauses(entry)}


def pauses(entry: Entry) -> TypeGuard[Record[Pause]]:
    """Whether it silences its model."""
    return isinstance(entry.event, Pause)


def pause(ledger: Ledger, model: str, reason: str, answer: str, cache: Path) -> Record[Pause]:
    """Let a model abstain for every text, or give one label to all; a second pause replaces the first.

    Where none is given, the reason of the pause before stays.

    Raises NothingToPause; NoSuchLabel for an `answer` that is no label of the champion.
    """
    champion = _champion(ledger, model)
    cell = _cell(answer, champion, cache) if answer else ""
    before = paused(ledger.entries()).get(model)
    why = (reason,) if reason else before.reasons if before else (UNSAID,)
    return ledger.append(Pause(champion.event.subject, why, champion.version, cell))


def resume(ledger: Ledger, model: str, reason: str) -> Record[Resumption]:
    """Let a paused model answer again. Raises NothingToPause."""
    champion = _champion(ledger, model)
    if model not in paused(ledger.entries()):
        raise NothingToPause(f"{model!r} is not paused")
    return ledger.append(Resumption(champion.event.subject, (reason or UNSAID,), champion.version))


def _champion(ledger: Ledger, model: str) -> Entry:
    champions = ledger.champions()
    if model not in champions:
        known = ", ".join(sorted(champions)) or "none"
        raise NothingToPause(f"{model!r} has no champion, so nothing answers for it; models that have one: {known}")
    return champions[model]


def _cell(answer: str, champion: Entry, cache: Path) -> str:
    """The answer as the champion itself would write it."""
    folder = open_package(champion.package, champion.digest, cache)
    target = target_of_card(card(folder))
    cell = target.read(answer)
    if cell is None:
        raise NoSuchLabel(f"{answer!r} is no answer of {champion.model!r}; choose from {target.expected}")
    return cell
