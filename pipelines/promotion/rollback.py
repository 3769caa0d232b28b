"""The way back: which version to return to, and the proof that it answers before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipelines.inference.artefact import card, open_package
from pipelines.inference.reference_answers import recorded, require_agreement
from pipelines.inference.subprocess_check import answers
from pipelines.kinds.known import target_of_card
from pipelines.kinds.target import Target
from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Crowning, Rollback
from pipelines.ledger.queries import crowns, pruned

SMOKE_TEXTS = ("where is my order", "thank you, that was quick")


class NoRollbackTarget(LookupError):
    """A version that never was champion, or none before the present one."""


def rollback_target(entries: Sequence[Entry], model: str, to: int | None) -> Record[Crowning]:
    """The entry that crowned the version to return to: the one below the present champion, or version `to`.

    Who went back from a version does not come back to it unless it is named.
    """
    crowned = [entry for entry in entries if entry.model == model and crowns(entry)]
    if not crowned:
        raise NoRollbackTarget(f"{model!r} has no champion yet; run: needloop train {model}")
    gone, now = pruned(entries, model), crowned[-1].version
    below = stack(crowned)[:-1] if to is None else [entry for entry in crowned if entry.version == to]
    found = [entry for entry in below if entry.version not in {now, *gone}]
    if not found:
        wanted = "an earlier champion" if to is None else f"version {to}"
        others = sorted({entry.version for entry in crowned} - {now})
        known = ", ".join(_told(number, gone) for number in others) or "none"
        raise NoRollbackTarget(
            f"{model!r} has no way back to {wanted}: champions beside {now} were {known}; --to names one"
        )
    return found[-1]


def stack(crowned: Iterable[Record[Crowning]]) -> list[Record[Crowning]]:
    """The champions that stand, the present one last: a promotion lays one on top, a rollback takes those above off."""
    standing: list[Record[Crowning]] = []
    for entry in crowned:
        known = [one.version for one in standing]
        if isinstance(entry.event, Rollback) and entry.version in known:
            standing = standing[: known.index(entry.version)]
        standing.append(entry)
    return standing


def _told(number: int, gone: Mapping[int, Entry]) -> str:
    return f"{number} (pruned on {gone[number].time[:10]})" if number in gone else str(number)


def rollback_entry(
    entry: Record[Crowning], champion: int, reason: str, home: Path, declared: Target, agreement: float
) -> Rollback:
    """The rollback, to be appended. A package that does not answer in a fresh process raises.

    So does one that does not answer as was recorded, but for a share of `agreement` (BrokenPackage), or that answers
    otherwise than is declared now (NoRollbackTarget).
    """
    folder = open_package(entry.package, entry.digest, home / "cache" / "packages")
    texts = recorded(folder)
    found = answers(entry.package, entry.digest, [*SMOKE_TEXTS, *(one.text for one in texts)], home)
    require_agreement(texts, found[len(SMOKE_TEXTS) :], agreement)
    known = target_of_card(card(folder))
    if not known.answers_as(declared):
        raise NoRollbackTarget(
            f"version {entry.version} answers {known.expected}; declared are {declared.expected}: train again"
        )
    reasons = (f"back from version {champion}: {reason}",)
    return Rollback(entry.event.subject, reasons, champion, entry.event.evidence)
