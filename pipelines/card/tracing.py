"""Gather what ledger, registry, evidence and files know of one version."""

import csv
import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pipelines.card.lineage import Checked, Lineage
from pipelines.evaluation.scorecard import Scorecard
from pipelines.home.addresses import relative, resolved
from pipelines.home.workspace import Workspace
from pipelines.kinds.known import DEFAULT
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions, decided, learnt
from pipelines.promotion.evidence import scorecard_in, tampered_files
from pipelines.registry.version import ModelVersion, Training

SHOWN = 10  # flips


class UnknownVersion(LookupError):
    """A version that neither the ledger nor the registry knows, or a model without a champion."""


def traced(model: str, number: int | None, workspace: Workspace) -> Lineage:
    """The lineage of a version; of the champion without a number. Raises UnknownVersion."""
    entries = [entry for entry in workspace.ledger.entries() if entry.model == model]
    champion = current_champions(entries).get(model)
    chosen = number or _of(champion, model)
    about = tuple(entry for entry in entries if entry.version == chosen)
    registry = workspace.registry
    found = next((one for one in registry.versions(model) if one.version == chosen), None)
    if not about and found is None:
        raise UnknownVersion(f"{model!r} has no version {chosen}; MLflow lists what there is")
    training = registry.training(model, chosen) or Training("", {}, {})
    card, faults = _judged(about)
    snapshot = _snapshot(about, found)
    return Lineage(
        model=model,
        version=chosen,
        champion=champion.version if champion else None,
        kind=found.target.kind if found else training.parameters.get("kind", DEFAULT),
        labels=found.target.names if found else tuple(card.attachments.get("labels", ())) if card else (),
        run=training.run,
        snapshot=snapshot,
        feedback=found.feedback if found else learnt(about),
        parameters=training.parameters,
        figures=training.figures,
        entries=about,
        scorecard=card,
        flips=_flips(workspace.files.scorecards / model / str(chosen) / "flips.csv"),
        checked=_checked(model, snapshot, workspace),
        faults=faults,
    )


def _of(champion: Entry | None, model: str) -> int:
    if champion is None:
        raise UnknownVersion(f"{model!r} has no champion yet; name a --version, or run: needloop train {model}")
    return champion.version


def _judged(entries: Sequence[Entry]) -> tuple[Scorecard | None, tuple[str, ...]]:
    """The scorecard of the last decision, and what is wrong with its evidence."""
    found = decided(entries)
    if not found:
        return None, ("it was never judged",)
    evidence = found[-1].files
    try:
        return scorecard_in(evidence), tuple(tampered_files(evidence))
    except (KeyError, TypeError, ValueError) as error:  # gone, altered, or of a form that no version kept
        return None, tuple(tampered_files(evidence)) or (f"its scorecard cannot be read: {error}",)


def _snapshot(entries: Sequence[Entry], found: ModelVersion | None) -> str:
    return found.snapshot if found else entries[-1].event.subject.data


def _flips(file: Path) -> tuple[tuple[str, str, str], ...] | None:
    """The first texts of a table `text, label, challenger`; none without it."""
    if not file.exists():
        return None
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple((row["text"], row["label"], row["challenger"]) for row in islice(csv.DictReader(lines), SHOWN))


def _checked(model: str, snapshot: str, workspace: Workspace) -> Checked | None:
    file = workspace.files.validations / model / f"{snapshot}.json"
    if not file.exists():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    docs = Path(resolved(unquote(urlsplit(found["docs"]).path), workspace.home))
    if not docs.exists():
        return Checked(found["checks"], tuple(found["failed"]))
    link = quote(os.path.relpath(docs, workspace.files.cards / model))
    return Checked(found["checks"], tuple(found["failed"]), link, relative(str(docs), workspace.home))
