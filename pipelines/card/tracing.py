"""The lineage of one version, gathered from ledger, registry, evidence and files."""

import csv
import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pipelines.card.lineage import DataChecks, Lineage
from pipelines.evaluation.scorecard import Scorecard
from pipelines.home.addresses import relative_address, resolve_address
from pipelines.kinds.known import DEFAULT
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions, decisions, last_learnt_feedback
from pipelines.promotion.evidence import scorecard_in, tampered_files
from pipelines.registry.version import ModelVersion, TrainingRun
from pipelines.workspace.workspace import Workspace

MAX_REGRESSIONS = 10  # rows of flips.csv that a card shows


class UnknownVersion(LookupError):
    """The version is in neither ledger nor registry, or the model has no champion."""


def trace_lineage(model: str, number: int | None, workspace: Workspace) -> Lineage:
    """The lineage of a version, by default of the champion. Raises UnknownVersion."""
    entries = [entry for entry in workspace.ledger.entries() if entry.model == model]
    champion = current_champions(entries).get(model)
    chosen = number or _champion_version(champion, model)
    own_entries = tuple(entry for entry in entries if entry.version == chosen)
    registry = workspace.registry
    registered = next((version for version in registry.versions(model) if version.version == chosen), None)
    if not own_entries and registered is None:
        raise UnknownVersion(f"{model!r} has no version {chosen}; MLflow lists what there is")
    training = registry.training_run(model, chosen) or TrainingRun("", {}, {})
    card, faults = _scorecard(own_entries)
    snapshot = _snapshot(own_entries, registered)
    return Lineage(
        model=model,
        version=chosen,
        champion=champion.version if champion else None,
        kind=registered.target.kind if registered else training.parameters.get("kind", DEFAULT),
        labels=registered.target.names if registered else tuple(card.attachments.get("labels", ())) if card else (),
        run=training.run,
        snapshot=snapshot,
        feedback=registered.feedback if registered else last_learnt_feedback(own_entries),
        parameters=training.parameters,
        figures=training.figures,
        entries=own_entries,
        scorecard=card,
        flips=_flips(workspace.files.scorecards / model / str(chosen) / "flips.csv"),
        checked=_checked(model, snapshot, workspace),
        faults=faults,
    )


def _champion_version(champion: Entry | None, model: str) -> int:
    if champion is None:
        raise UnknownVersion(f"{model!r} has no champion yet; name a --version, or run: needloop train {model}")
    return champion.version


def _scorecard(entries: Sequence[Entry]) -> tuple[Scorecard | None, tuple[str, ...]]:
    """The scorecard of the last decision, and the faults of its evidence."""
    rulings = decisions(entries)
    if not rulings:
        return None, ("it was never judged",)
    evidence = rulings[-1].files
    try:
        return scorecard_in(evidence), tuple(tampered_files(evidence))
    except (KeyError, TypeError, ValueError) as error:  # missing, altered, or of an unknown form
        return None, tuple(tampered_files(evidence)) or (f"its scorecard cannot be read: {error}",)


def _snapshot(entries: Sequence[Entry], registered: ModelVersion | None) -> str:
    return registered.snapshot if registered else entries[-1].event.subject.data


def _flips(file: Path) -> tuple[tuple[str, str, str], ...] | None:
    """The first rows of a table `text, label, challenger`; None without the file."""
    if not file.exists():
        return None
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(
            (row["text"], row["label"], row["challenger"]) for row in islice(csv.DictReader(lines), MAX_REGRESSIONS)
        )


def _checked(model: str, snapshot: str, workspace: Workspace) -> DataChecks | None:
    file = workspace.files.validations / model / f"{snapshot}.json"
    if not file.exists():
        return None
    result = json.loads(file.read_text(encoding="utf-8"))
    docs = Path(resolve_address(unquote(urlsplit(result["docs"]).path), workspace.home))
    if not docs.exists():
        return DataChecks(result["checks"], tuple(result["failed"]))
    link = quote(os.path.relpath(docs, workspace.files.cards / model))
    return DataChecks(result["checks"], tuple(result["failed"]), link, relative_address(str(docs), workspace.home))
