"""Removal of old versions of one model: recorded in the ledger first, then artefacts, the registry last.

A killed run loses nothing that is to stay, and the next run continues it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.home.addresses import require_owned, require_owner
from pipelines.home.paths import Files
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Subject, VersionRemoval
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions, pruning_entries
from pipelines.promotion.retention import removable_versions, unused_snapshots
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.storage import blobs
from pipelines.workspace.workspace import Workspace


@dataclass(frozen=True)
class CleanupPlan:
    """The versions of one model that stay and those to remove, with the addresses of all their files."""

    model: str
    kept: tuple[int, ...]
    removed: tuple[ModelVersion, ...]
    artefacts: tuple[str, ...]
    snapshots: tuple[str, ...]

    @property
    def pruned(self) -> tuple[int, ...]:
        """The numbers of the versions to remove."""
        return tuple(version.version for version in self.removed)

    @property
    def bytes(self) -> int:
        """Disk space that the removal frees."""
        return sum(blobs.size(uri) for uri in (*self.artefacts, *self.snapshots))


@dataclass(frozen=True)
class CleanupResult:
    """A plan and the bytes that it freed, or would free."""

    plan: CleanupPlan
    bytes: int

    def row(self) -> dict[str, object]:
        """Plain values for people and scripts."""
        plan, remaining, pruned = self.plan, list(self.plan.kept), list(self.plan.pruned)
        return {
            "model": plan.model,
            "kept": remaining,
            "pruned": pruned,
            "snapshots": len(plan.snapshots),
            "bytes": self.bytes,
        }


def plan_cleanup(model: str, keep: int, workspace: Workspace) -> CleanupPlan:
    """Plan the removal of all but the newest `keep` versions of a model; deletes nothing.

    Raises NotOwned if some of the files belong to another home.
    """
    require_owner(workspace.files, workspace.tracking_uri)
    registry, entries = workspace.registry, workspace.ledger.entries()
    versions = registry.versions(model)
    removable = removable_versions(
        [version.version for version in versions], [entry for entry in entries if entry.model == model], keep
    )
    removed = tuple(version for version in versions if version.version in removable)
    remaining = [version for version in versions if version.version not in removable]
    snapshots = blobs.sizes(workspace.files.snapshots(model))
    learnt = {version.snapshot for version in remaining} | registry.trained_snapshots(
        model, but=[version.run for version in removed]
    )
    plan = CleanupPlan(
        model=model,
        kept=tuple(version.version for version in remaining),
        removed=removed,
        artefacts=tuple(sorted(_addresses(removed, workspace.files) - _addresses(remaining, workspace.files))),
        snapshots=tuple(unused_snapshots(snapshots, entries, learnt)),
    )
    require_owned((*plan.artefacts, *plan.snapshots), workspace.files)
    return plan


def _addresses(versions: Sequence[ModelVersion], files: Files) -> set[str]:
    """The folders of the logged models and of the runs, and their copies in the caches."""
    caches = (files.packages, files.weights)
    return {
        *(version.location.removesuffix("/artifacts/artifacts/package") for version in versions),
        *(version.weights.removesuffix("/artifacts/weights") for version in versions),
        *(str(cache / version.digest) for cache in caches for version in versions),
    }


def record_removals(plan: CleanupPlan, ledger: Ledger) -> None:
    """Append one entry to the ledger for every version to remove."""
    entries = ledger.entries()
    champion, recorded = current_champions(entries).get(plan.model), pruning_entries(entries, plan.model)
    for version in plan.removed:
        if version.version not in recorded:
            ledger.append(_pruning(version, plan, champion))


def _pruning(version: ModelVersion, plan: CleanupPlan, champion: Entry | None) -> VersionRemoval:
    subject = Subject(version.name, version.version, version.location, version.digest, version.snapshot, gate="")
    reasons = (f"kept versions: {', '.join(map(str, plan.kept)) or 'none'}",)
    return VersionRemoval(subject, reasons, champion.version if champion else None)


def remove(plan: CleanupPlan, registry: Registry) -> CleanupResult:
    """Delete the planned versions and their files."""
    freed = CleanupResult(plan, plan.bytes)
    for version in plan.removed:
        registry.tag_pruned(version)
    for uri in (*plan.artefacts, *plan.snapshots):
        blobs.delete(uri)
    for version in plan.removed:
        registry.delete_version(version)
    return freed
