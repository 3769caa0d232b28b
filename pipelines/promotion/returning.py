"""The way back: which version to return to, and the proof that it answers before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.inference.fresh import answers
from pipelines.ledger import Entry, pruned

TRIED = ("where is my order", "thank you, that was quick")


class NoWayBack(LookupError):
    """A version that never was champion, or none before the present one."""


def target(entries: Sequence[Entry], model: str, to: int | None) -> Entry:
    """The entry that crowned the version to return to: the one before the present champion, or version `to`."""
    crowned = [entry for entry in entries if entry.model == model and entry.crowns]
    if not crowned:
        raise NoWayBack(f"{model!r} has no champion yet; run: needloop train {model}")
    gone = pruned(entries, model)
    earlier = [entry for entry in crowned if entry.version != crowned[-1].version]
    found = [entry for entry in earlier if to in (None, entry.version) and entry.version not in gone]
    if not found:
        wanted = "an earlier champion" if to is None else f"version {to}"
        known = ", ".join(_told(number, gone) for number in sorted({entry.version for entry in earlier})) or "none"
        raise NoWayBack(f"{model!r} has no way back to {wanted}: champions before {crowned[-1].version} were {known}")
    return found[-1]


def _told(number: int, gone: Mapping[int, Entry]) -> str:
    return f"{number} (pruned on {gone[number].time[:10]})" if number in gone else str(number)


def returned(entry: Entry, champion: int, reason: str, home: Path) -> Entry:
    """The entry of a rollback, to be appended. A package that does not answer in a fresh process raises."""
    answers(entry.location, entry.digest, list(TRIED), home)
    said = f"back from version {champion}: {reason}"
    return replace(entry, event="rollback", champion=champion, reasons=(said,), override="", by="")
