"""Homes in the form of an older release, without a record of their place; and digests of a folder."""

import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path

from mlflow import MlflowClient

from pipelines.ledger.entry import GENESIS
from pipelines.ledger.ledger import Ledger
from pipelines.masking.identity import secret_key
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings


def of_today(settings: Settings) -> None:
    """A home in today's form."""


def aged(settings: Settings) -> None:
    """Give the home the form of commit 5f045c1: absolute addresses, and no record of the home's place."""
    _age_ledger(settings)
    registry = settings.workspace.registry
    for model in registry.names():
        for version in registry.versions(model):
            for name in ("location", "weights"):
                path = str(settings.home / getattr(version, name))
                registry.client.set_model_version_tag(model, str(version.version), name, path)
        registry.set_head(
            model, [one for one in Ledger(settings.files.ledger).entries() if one.model == model][-1].hash()
        )
    folder = settings.files.validations / "topics"
    folder.mkdir(parents=True, exist_ok=True)
    docs = (settings.home / "docs" / "validations" / "topics" / "page.html").as_uri()
    found = {"success": True, "checks": 21, "failed": [], "docs": docs}
    (folder / f"{'d' * 64}.json").write_text(json.dumps(found))
    (settings.home / "home.json").unlink()


def _age_ledger(settings: Settings) -> None:
    ledger, key, previous, lines = Ledger(settings.files.ledger), secret_key(settings.home), GENESIS, b""
    for entry in ledger.entries():
        event = replace(entry.event, subject=replace(entry.event.subject, location=entry.package))
        event = replace(event, evidence=entry.files) if entry.files else event
        old = replace(entry, event=event, previous=previous).signed(key)
        previous, lines = old.hash(), lines + old.line().encode() + b"\n"
    ledger.path.write_bytes(lines)
    signature = hmac.new(key, b"head" + previous.encode(), hashlib.sha256).hexdigest()
    ledger.head.write_text(f"{previous} {signature}")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path below a folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def rewind(settings: Settings, ledger: bytes = b"") -> None:
    """Undo all writes since a moment before the decision, as if the run had been killed then."""
    settings.files.ledger.write_bytes(ledger)
    settings.files.ledger.with_suffix(".head").unlink(missing_ok=True)
    MlflowClient(settings.tracking_uri).delete_registered_model_tag("topics", "ledger.head")
    Store(settings.database).forget_head(secret_key(settings.home))
