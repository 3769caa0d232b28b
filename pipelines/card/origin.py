"""Where a version comes from: what it is, what was decided about it, what it learnt from and how."""

from pipelines.card.figures import MISSING, size
from pipelines.card.lineage import Checked, Lineage
from pipelines.card.markdown import listed, pairs, plain, section, table
from pipelines.ledger import Entry, pruned

VERDICTS = {
    "promote": "promoted",
    "refuse": "refused",
    "hold": "let pass, and held",
    "rollback": "made champion again",
    "prune": "pruned",
    "pause": "paused",
    "resume": "resumed",
    "shadow": "put in the shadow",
    "canary": "let answer some",
    "withdraw": "withdrawn",
    "abort": "aborted",
}


def identity(lineage: Lineage) -> str:
    """Name, kind, labels, and where the package lies."""
    told, entry = lineage.parameters, lineage.decision
    return pairs(
        [
            ("kind", told.get("kind", MISSING)),
            ("language", told.get("language", MISSING)),
            ("base", told.get("base", MISSING)),
            (f"{len(lineage.labels)} labels", ", ".join(lineage.labels) or MISSING),
            ("champion when this was written", lineage.champion or "none"),
            ("MLflow run", lineage.run or MISSING),
            *([("package", entry.location), ("its SHA-256", entry.digest)] if entry else []),
        ]
    )


def decision(lineage: Lineage) -> str:
    """Every entry of the ledger about it, and the reasons of the last decision."""
    entry = lineage.decision
    if entry is None:
        said = "It was never judged: nothing below says how well it answers."
        return section("Decision", said, _gone(lineage), _history(lineage))
    verdict = VERDICTS[entry.event]
    forced = f" against the gate, because: {plain(entry.override)}" if entry.override else ""
    before = f"the champion was version {entry.champion}" if entry.champion else "there was no champion"
    said = f"**{verdict.capitalize()}**{forced}. On {entry.time} by {plain(entry.by)}; {before}."
    return section("Decision", said, listed(entry.reasons), _gone(lineage), _history(lineage))


def _gone(lineage: Lineage) -> str:
    found = pruned(lineage.entries, lineage.model).get(lineage.version)
    return f"**It was pruned on {found.time[:10]}**: its weights and its package are gone." if found else ""


def _history(lineage: Lineage) -> str:
    if len(lineage.entries) < 2 and lineage.decision:
        return ""
    rows = [(entry.time, VERDICTS[entry.event], entry.by, _first(entry)) for entry in lineage.entries]
    return table(("when", "what", "by", "why"), rows) if rows else ""


def _first(entry: Entry) -> str:
    return entry.override or "; ".join(entry.reasons)


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
    where = f": [Data Docs]({checked.page})." if checked.page else "; their page is gone."
    return "\n\n".join(filter(None, (said + where, listed(checked.failed))))


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
    files = listed(f"{uri}, SHA-256 {digest}" for uri, digest in entry.evidence.items())
    return section("Evidence", files, faults, f"Ledger entry `{entry.hash()}`")
