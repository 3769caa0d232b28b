"""MLflow's aliases and its record of the last entry follow the ledger."""

from collections.abc import Sequence

from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import decisions, promotes
from pipelines.registry.registry import Registry
from pipelines.workspace.workspace import Workspace


def sync_aliases(name: str, workspace: Workspace) -> None:
    """Set MLflow's aliases and its record of the last entry from the ledger; also repairs them after a crash.

    Raises BrokenLedger if MLflow has the hash of an entry that the ledger lost.
    """
    registry = workspace.registry
    entries = [entry for entry in workspace.ledger.entries() if entry.model == name]
    verify_ledger_head(entries, name, registry)
    champions = [entry.version for entry in entries if promotes(entry)]
    earlier = [version for version in champions if version != champions[-1]]
    aliases = {alias: versions[-1] for alias, versions in (("champion", champions), ("previous", earlier)) if versions}
    if rulings := decisions(entries):
        aliases["challenger"] = rulings[-1].version
    if entries:
        registry.set_head(name, entries[-1].hash())
    for alias, version in aliases.items():
        if registry.aliases(name).get(alias) != version:
            registry.set_alias(name, alias, version)


def verify_ledger_head(entries: Sequence[Entry], model: str, registry: Registry) -> None:
    """Raises BrokenLedger if MLflow has the hash of a model's entry that the ledger does not have."""
    head = registry.heads().get(model)
    if head and head not in {entry.hash() for entry in entries}:
        raise BrokenLedger(f"{model}: the ledger lost entry {head[:12]}, which MLflow remembers; restore ledger.jsonl")
