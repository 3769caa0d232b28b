"""A challenger on trial beside the champion: in its shadow, or as a canary that answers a share of the customers."""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipelines.inference.artefact import card, open_package
from pipelines.ledger import CROWNING, Entry, Ledger, crowned, decided, pruned
from pipelines.promotion.standing import require_champion

Way = Literal["shadow", "canary"]
WAYS = ("shadow", "canary")


class NothingToTry(LookupError):
    """A version that cannot be tried, or no trial where one is to be ended."""


class GateRefused(ValueError):
    """A version that would answer customers against the gate's word."""


@dataclass(frozen=True)
class Terms:
    """How a version is tried, and why; `override` is a person's reason where the gate refused it."""

    way: Way
    reason: str
    share: float = 0.0
    hours: float = 0.0
    override: str = ""


def tried(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entry that put a version on trial, by model: until the next, the end of it, or another champion."""
    found: dict[str, Entry] = {}
    for entry in entries:
        running = found.get(entry.model)
        if entry.event in WAYS:
            found[entry.model] = entry
        elif running and (entry.event in CROWNING or _ends(entry, running)):
            del found[entry.model]
    return found


def aborted(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entry that ended a trial by itself, by model: until another is promoted or tried."""
    last = {entry.model: entry for entry in entries if entry.event in (*CROWNING, *WAYS, "abort")}
    return {model: entry for model, entry in last.items() if entry.event == "abort"}


def _ends(entry: Entry, running: Entry) -> bool:
    return entry.event in ("withdraw", "abort", "prune") and entry.version == running.version


def begin(ledger: Ledger, model: str, version: int, terms: Terms, cache: Path) -> Entry:
    """Put a version that was judged on trial; it ends the trial before. Raises NothingToTry and GateRefused."""
    entries = ledger.entries()
    champion = crowned(entries).get(model)
    if champion is None:
        raise NothingToTry(f"{model!r} has no champion to stand beside; run: needloop train {model}")
    judged = _judged(entries, champion, version)
    if terms.way == "canary" and (judged.event == "refuse" or judged.override) and not terms.override:
        why = "; ".join(judged.reasons)
        raise GateRefused(f"the gate refused version {version} ({why}): say why it may answer, with --override")
    _require_same_labels(judged, champion, cache)
    told = replace(judged, event=terms.way, reasons=(terms.reason,), champion=champion.version, by="", evidence={})
    told = replace(told, share=terms.share, hours=terms.hours, override=terms.override)

    def require_the_same(now: Sequence[Entry]) -> None:
        require_champion(now, model, champion.version)
        if _judged(now, champion, version) != judged:
            raise NothingToTry(f"version {version} of {model!r} was judged anew meanwhile: look again, then decide")

    return ledger.append(told, require_the_same)


def withdraw(ledger: Ledger, model: str, reason: str) -> Entry:
    """End a trial: the champion answers all. Raises NothingToTry."""
    running = tried(ledger.entries())
    if model not in running:
        raise NothingToTry(f"{model!r} has no trial; models that have one: {', '.join(sorted(running)) or 'none'}")
    return _end(ledger, running[model], _ended(running[model], "withdraw", (reason,)))


def abort(ledger: Ledger, trial: Entry, reasons: Sequence[str]) -> Entry | None:
    """What a service writes when it ends a trial by itself; None where it has ended already."""
    end = replace(_ended(trial, "abort", tuple(reasons)), by=f"service@{socket.gethostname()}")
    try:
        return _end(ledger, trial, end)
    except NothingToTry:
        return None


def _end(ledger: Ledger, trial: Entry, end: Entry) -> Entry:
    """Write it where this very trial still runs: one of the same version may have begun since."""

    def require_it(entries: Sequence[Entry]) -> None:
        if tried(entries).get(trial.model) != trial:
            raise NothingToTry(f"the trial of {trial.model!r} {trial.version} has ended meanwhile")

    return ledger.append(end, require_it)


def _judged(entries: Sequence[Entry], champion: Entry, version: int) -> Entry:
    judged = {entry.version: entry for entry in decided(entries) if entry.model == champion.model}
    gone = pruned(entries, champion.model)
    fit = sorted(set(judged) - set(gone) - {champion.version})
    if version not in fit:
        known = ", ".join(map(str, fit)) or "none"
        raise NothingToTry(
            f"version {version} of {champion.model!r} cannot stand beside {champion.version}: judged were {known}"
        )
    return judged[version]


def _require_same_labels(judged: Entry, champion: Entry, cache: Path) -> None:
    """People would be answered with labels that nobody expects, and feedback would name others."""
    labels, known = (set(card(open_package(one.location, one.digest, cache))["labels"]) for one in (judged, champion))
    if labels != known:
        told, wanted = (", ".join(sorted(one)) for one in (labels, known))
        raise NothingToTry(f"version {judged.version} answers {told}; the champion {wanted}")


def _ended(trial: Entry, event: Literal["withdraw", "abort"], reasons: tuple[str, ...]) -> Entry:
    return replace(trial, event=event, reasons=reasons, by="", share=0.0, hours=0.0, override="")
