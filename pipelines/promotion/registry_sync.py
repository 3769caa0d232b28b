"""MLflow follows the ledger: its aliases, and what it remembers of the last entry."""

from collections.abc import Sequence

from pipelines.home.workspace import Workspace
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import crowns, decided
from pipelines.registry.registry import Registry


def sync_aliases(name: str, workspace: Workspace) -> None:
    """Make MLflow's aliases and its memory of the last entry say what the ledger says: also after a crash between.

    Raises BrokenLedger where MLflow remembers an entry that is gone: it is the last to know of it.
    """
    registry = workspace.registry
    entries = [entry for entry in workspace.ledger.entries() if entry.model == name]
    verify_ledger_head(entries, name, registry)
    champions = [entry.version for entry in entries if crowns(entry)]
    others = [version for version in champions if version != champions[-1]]
    wanted = {alias: found[-1] for alias, found in (("champion", champions), ("previous", others)) if found}
    if judged := decided(entries):
        wanted["challenger"] = judged[-1].version
    if entries:
        registry.mark(name, entries[-1].hash())
    for alias, version in wanted.items():
        if registry.aliases(name).get(alias) != version:
            registry.point(name, alias, version)


def verify_ledger_head(entries: Sequence[Entry], model: str, registry: Registry) -> None:
    """Raises BrokenLedger where MLflow remembers an entry about a model that the ledger does not have."""
    known = registry.heads().get(model)
    if known and known not in {entry.hash() for entry in entries}:
        raise BrokenLedger(f"{model}: the ledger lost entry {known[:12]}, which MLflow remembers; restore ledger.jsonl")
