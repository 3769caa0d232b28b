"""Where a version comes from: what it is, what was decided about it, what it learnt from and how."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.card.figures import MISSING, size
from pipelines.card.lineage import Checked, Lineage
from pipelines.card.markdown import in_home, listed, pairs, plain, section, table
from pipelines.home.addresses import relative
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import (
    Abort,
    Canary,
    Event,
    Hold,
    Pause,
    Promotion,
    Pruning,
    Refusal,
    Resumption,
    Rollback,
    Shadow,
    Withdrawal,
    overridden,
)
from pipelines.ledger.queries import pruned

VERDICTS: Mapping[type[Event], str] = {
    Promotion: "promoted",
    Refusal: "refused",
    Hold: "let pass, and held",
    Rollback: "made champion again",
    Pruning: "pruned",
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
    override = overridden(entry.event)
    forced = f" against the gate ({override})" if override else ""
    return f"{VERDICTS[type(entry.event)]}{forced}: {'; '.join(entry.reasons)}"


def identity(lineage: Lineage) -> str:
    """Name, kind, labels, and where the package lies."""
    told, entry = lineage.parameters, lineage.decision
    place = _kept(entry.event.subject.location, entry) if entry else ""
    return pairs(
        [
            ("kind", told.get("kind", MISSING)),
            ("language", told.get("language", MISSING)),
            ("base", told.get("base", MISSING)),
            (f"{len(lineage.labels)} labels", ", ".join(lineage.labels) or MISSING),
            ("champion when this was written", lineage.champion or "none"),
            ("MLflow run", lineage.run or MISSING),
            *([("package", place), ("its SHA-256", entry.digest)] if entry else []),
        ]
    )


def decision(lineage: Lineage) -> str:
    """Every entry of the ledger about it, and the reasons of the last decision."""
    entry = lineage.decision
    if entry is None:
        said = "It was never judged: nothing below says how well it answers."
        return section("Decision", said, _gone(lineage), _history(lineage))
    verdict, override = VERDICTS[type(entry.event)], overridden(entry.event)
    forced = f" against the gate, because: {plain(override)}" if override else ""
    before = f"the champion was version {entry.champion}" if entry.champion else "there was no champion"
    said = f"**{verdict.capitalize()}**{forced}. On {entry.time} by {plain(entry.by)}; {before}."
    return section("Decision", said, listed(entry.reasons), _gone(lineage), _history(lineage))


def _gone(lineage: Lineage) -> str:
    found = pruned(lineage.entries, lineage.model).get(lineage.version)
    return f"**It was pruned on {found.time[:10]}**: its weights and its package are gone." if found else ""


def _history(lineage: Lineage) -> str:
    if len(lineage.entries) < 2 and lineage.decision:
        return ""
    rows = [(entry.time, VERDICTS[type(entry.event)], entry.by, _first(entry)) for entry in lineage.entries]
    return table(("when", "what", "by", "why"), rows) if rows else ""


def _first(entry: Entry) -> str:
    return overridden(entry.event) or "; ".join(entry.reasons)


def data(lineage: Lineage) -> str:
    """What it learnt from, what the expectations found in it, and how much of it people said."""
    told = lineage.parameters
    return section(
        "Data",
        pairs(
            [
                ("train snapshot", lineage.snapshot or MISSING),
                ("rows learnt from", told.get("rows", MISSING)),
                ("of them from feedback", _feedback(lineage)),
                ("source", told.get("source", MISSING)),
            ]
        ),
        _expectations(lineage.checked),
    )


def _feedback(lineage: Lineage) -> str:
    rows = lineage.parameters.get("feedback", MISSING)
    return f"{rows}, up to feedback {lineage.feedback}" if lineage.feedback else rows


def _expectations(checked: Checked | None) -> str:
    if checked is None:
        return "What the expectations found in this snapshot is not recorded."
    said = f"{checked.checks} expectations, {len(checked.failed) or 'none'} failed"
    return "\n\n".join(filter(None, (said + _shown(checked), listed(checked.failed))))


def _shown(checked: Checked) -> str:
    """Where their Data Docs are: a link where it can be followed, else the file's place in plain text."""
    if checked.page:
        return f": [Data Docs]({checked.page})."
    return f". {in_home('Data Docs', checked.file)}" if checked.file else "; their page is gone."


def cost(lineage: Lineage) -> str:
    """What learning took."""
    found = lineage.figures
    if not found:
        return section("Cost", "Not recorded.")
    seconds = {"wall": "cost.seconds", "CPU": "cost.cpu_seconds", "GPU": "cost.gpu_seconds"}
    memory = {"peak memory": "cost.memory", "peak GPU memory": "cost.gpu_memory"}
    served = [("package", size(found["serve.bytes"]))] if "serve.bytes" in found else []
    rows = [
        *((f"{name} seconds", f"{found[key]:.1f}") for name, key in seconds.items() if key in found),
        *((name, size(found[key])) for name, key in memory.items() if key in found),
        *served,
    ]
    return section("Cost", table(("what", "spent"), rows))


def recipe(lineage: Lineage) -> str:
    """How it learnt, as declared then."""
    found = {
        name.removeprefix("recipe."): value for name, value in lineage.parameters.items() if name.startswith("recipe.")
    }
    return section("Recipe", table(("setting", "value"), sorted(found.items())) if found else "Not recorded.")


def proof(lineage: Lineage) -> str:
    """What the decision was taken on, by digest, and the hash of the ledger's entry."""
    entry = lineage.decision
    if entry is None:
        return ""
    faults = f"**No longer whole:**\n\n{listed(lineage.faults)}" if lineage.faults else "All of it is as it was."
    files = listed(f"{_kept(uri, entry)}, SHA-256 {digest}" for uri, digest in entry.event.evidence.items())
    return section("Evidence", files, faults, f"Ledger entry `{entry.hash()}`")


def _kept(address: str, entry: Entry) -> str:
    """An address as it stays right when the home is moved: relative to it."""
    return relative(address, Path(entry.home)) if entry.home else address
