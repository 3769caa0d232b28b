"""Card sections on a version's identity, decisions and evidence."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.card.lineage import Lineage
from pipelines.card.markdown import bullet_list, name_value_list, plain, section, table
from pipelines.evaluation.figures import MISSING
from pipelines.home.addresses import relative_address
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import (
    Abort,
    Canary,
    Event,
    Hold,
    Pause,
    Promotion,
    Refusal,
    Resumption,
    Rollback,
    Shadow,
    VersionRemoval,
    Withdrawal,
    override_reason,
)
from pipelines.ledger.queries import pruning_entries

VERDICTS: Mapping[type[Event], str] = {
    Promotion: "promoted",
    Refusal: "refused",
    Hold: "let pass, and held",
    Rollback: "made champion again",
    VersionRemoval: "pruned",
    Pause: "paused",
    Resumption: "resumed",
    Shadow: "put in the shadow",
    Canary: "let answer some",
    Withdrawal: "withdrawn",
    Abort: "aborted",
}


def verdict(lineage: Lineage) -> str:
    """The last decision in a word, then its reasons."""
    entry = lineage.decision
    if entry is None:
        return "never judged"
    override = override_reason(entry.event)
    against = f" against the gate ({override})" if override else ""
    return f"{VERDICTS[type(entry.event)]}{against}: {'; '.join(entry.reasons)}"


def identity(lineage: Lineage) -> str:
    """Kind, language, base, labels, and the address of the package."""
    parameters, entry = lineage.parameters, lineage.decision
    package = _home_relative(entry.event.subject.location, entry) if entry else ""
    return name_value_list(
        [
            ("kind", parameters.get("kind", MISSING)),
            ("language", parameters.get("language", MISSING)),
            ("base", parameters.get("base", MISSING)),
            (f"{len(lineage.labels)} labels", ", ".join(lineage.labels) or MISSING),
            ("champion when this was written", lineage.champion or "none"),
            ("MLflow run", lineage.run or MISSING),
            *([("package", package), ("its SHA-256", entry.digest)] if entry else []),
        ]
    )


def decision(lineage: Lineage) -> str:
    """The last decision with its reasons, and every ledger entry of the version."""
    entry = lineage.decision
    if entry is None:
        text = "It was never judged: nothing below says how well it answers."
        return section("Decision", text, _pruning_note(lineage), _history(lineage))
    verdict, override = VERDICTS[type(entry.event)], override_reason(entry.event)
    against = f" against the gate, because: {plain(override)}" if override else ""
    former = f"the champion was version {entry.champion}" if entry.champion else "there was no champion"
    text = f"**{verdict.capitalize()}**{against}. On {entry.time} by {plain(entry.by)}; {former}."
    return section("Decision", text, bullet_list(entry.reasons), _pruning_note(lineage), _history(lineage))


def _pruning_note(lineage: Lineage) -> str:
    entry = pruning_entries(lineage.entries, lineage.model).get(lineage.version)
    return f"**It was pruned on {entry.time[:10]}**: its weights and its package are gone." if entry else ""


def _history(lineage: Lineage) -> str:
    if len(lineage.entries) < 2 and lineage.decision:
        return ""
    rows = [(entry.time, VERDICTS[type(entry.event)], entry.by, _reason(entry)) for entry in lineage.entries]
    return table(("when", "what", "by", "why"), rows) if rows else ""


def _reason(entry: Entry) -> str:
    return override_reason(entry.event) or "; ".join(entry.reasons)


def evidence(lineage: Lineage) -> str:
    """The files of the evidence with their digests, and the hash of the ledger entry."""
    entry = lineage.decision
    if entry is None:
        return ""
    faults = f"**No longer whole:**\n\n{bullet_list(lineage.faults)}" if lineage.faults else "All of it is as it was."
    files = bullet_list(
        f"{_home_relative(uri, entry)}, SHA-256 {digest}" for uri, digest in entry.event.evidence.items()
    )
    return section("Evidence", files, faults, f"Ledger entry `{entry.hash()}`")


def _home_relative(address: str, entry: Entry) -> str:
    """The address relative to the home, which stays right if the home is moved."""
    return relative_address(address, Path(entry.home)) if entry.home else address
