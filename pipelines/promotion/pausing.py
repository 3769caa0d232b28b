"""The kill switch: a paused model says nothing of its own, whichever version is champion, until a person resumes it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipelines.inference.artefact import open_package
from pipelines.ledger import Entry, Event, Ledger

UNSAID = "no reason given"


class NothingToPause(LookupError):
    """A model without a champion, or one that is not paused and is to be resumed."""


class NoSuchLabel(ValueError):
    """A fixed answer that the model could not give itself."""


def paused(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entry that paused it, by model; whoever was resumed since then is not among them."""
    last = {entry.model: entry for entry in entries if entry.event in ("pause", "resume")}
    return {model: entry for model, entry in last.items() if entry.event == "pause"}


def pause(ledger: Ledger, model: str, reason: str, answer: str, cache: Path) -> Entry:
    """Let a model abstain for every text, or give one label to all; a second pause replaces the first.

    Where none is given, the reason of the pause before stays.

    Raises NothingToPause; NoSuchLabel for an `answer` that is no label of the champion.
    """
    champion = _champion(ledger, model)
    if answer:
        _check_label(answer, champion, cache)
    before = paused(ledger.entries()).get(model)
    why = (reason,) if reason else before.reasons if before else (UNSAID,)
    return ledger.append(_said(champion, "pause", why, answer))


def resume(ledger: Ledger, model: str, reason: str) -> Entry:
    """Let a paused model answer again. Raises NothingToPause."""
    champion = _champion(ledger, model)
    if model not in paused(ledger.entries()):
        raise NothingToPause(f"{model!r} is not paused")
    return ledger.append(_said(champion, "resume", (reason or UNSAID,), ""))


def _champion(ledger: Ledger, model: str) -> Entry:
    champions = ledger.champions()
    if model not in champions:
        known = ", ".join(sorted(champions)) or "none"
        raise NothingToPause(f"{model!r} has no champion, so nothing answers for it; models that have one: {known}")
    return champions[model]


def _check_label(answer: str, champion: Entry, cache: Path) -> None:
    folder = open_package(champion.location, champion.digest, cache)
    labels = json.loads((folder / "package.json").read_text(encoding="utf-8"))["labels"]
    if answer not in labels:
        raise NoSuchLabel(f"{answer!r} is no label of {champion.model!r}; choose from {', '.join(labels)}")


def _said(champion: Entry, event: Event, reasons: tuple[str, ...], answer: str) -> Entry:
    told = replace(champion, event=event, reasons=reasons, champion=champion.version, answer=answer)
    # Without the evidence: it belongs to the decision, and is audited there.
    return replace(told, evidence={}, override="", by="")
