"""What is to go of one model, and the going: said in the ledger first, then the artefacts, the registry last.

Whoever is killed on the way has lost nothing that was to stay, and the next one goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.home.owning import require_ours, require_owner
from pipelines.home.paths import Files
from pipelines.home.workspace import Workspace
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Pruning, Subject
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions, pruned
from pipelines.promotion.retention import outdated, unused
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.storage import blobs


@dataclass(frozen=True)
class Plan:
    """The versions of one model that stay and that go, and everything that goes with them, as addresses."""

    model: str
    kept: tuple[int, ...]
    gone: tuple[ModelVersion, ...]
    artefacts: tuple[str, ...]
    snapshots: tuple[str, ...]

    @property
    def pruned(self) -> tuple[int, ...]:
        """The numbers of the versions that go."""
        return tuple(one.version for one in self.gone)

    @property
    def bytes(self) -> int:
        """What there is to be freed."""
        return sum(blobs.size(uri) for uri in (*self.artefacts, *self.snapshots))


@dataclass(frozen=True)
class Freed:
    """A plan and the bytes that it freed, or would free."""

    plan: Plan
    bytes: int

    def row(self) -> dict[str, object]:
        """Plain values for people and scripts."""
        plan, kept, gone = self.plan, list(self.plan.kept), list(self.plan.pruned)
        return {
            "model": plan.model,
            "kept": kept,
            "pruned": gone,
            "snapshots": len(plan.snapshots),
            "bytes": self.bytes,
        }


def planned(model: str, keep: int, workspace: Workspace) -> Plan:
    """What goes of a model when its newest `keep` versions stay; nothing is touched.

    Raises NotOurs where some of it is not this home's to delete.
    """
    require_owner(workspace.files, workspace.tracking_uri)
    registry, entries = workspace.registry, workspace.ledger.entries()
    versions = registry.versions(model)
    going = outdated([one.version for one in versions], [one for one in entries if one.model == model], keep)
    gone = tuple(one for one in versions if one.version in going)
    kept = [one for one in versions if one.version not in going]
    snapshots = blobs.sizes(workspace.files.snapshots(model))
    learnt = {one.snapshot for one in kept} | registry.learnt_from(model, but=[one.run for one in gone])
    plan = Plan(
        model=model,
        kept=tuple(one.version for one in kept),
        gone=gone,
        artefacts=tuple(sorted(_places(gone, workspace.files) - _places(kept, workspace.files))),
        snapshots=tuple(unused(snapshots, entries, learnt)),
    )
    require_ours((*plan.artefacts, *plan.snapshots), workspace.files)
    return plan


def _places(versions: Sequence[ModelVersion], files: Files) -> set[str]:
    """The folders of the logged models and of the runs, whole, and what was copied from them."""
    caches = (files.packages, files.weights)
    return {
        *(one.location.removesuffix("/artifacts/artifacts/package") for one in versions),
        *(one.weights.removesuffix("/artifacts/weights") for one in versions),
        *(str(cache / one.digest) for cache in caches for one in versions),
    }


def announce(plan: Plan, ledger: Ledger) -> None:
    """An entry for every version that goes, once."""
    entries = ledger.entries()
    champion, said = current_champions(entries).get(plan.model), pruned(entries, plan.model)
    for version in plan.gone:
        if version.version not in said:
            ledger.append(_pruning(version, plan, champion))


def _pruning(version: ModelVersion, plan: Plan, champion: Entry | None) -> Pruning:
    subject = Subject(version.name, version.version, version.location, version.digest, version.snapshot, gate="")
    reasons = (f"kept are {', '.join(map(str, plan.kept)) or 'none'}",)
    return Pruning(subject, reasons, champion.version if champion else None)


def clear(plan: Plan, registry: Registry) -> Freed:
    """Delete what was announced."""
    freed = Freed(plan, plan.bytes)
    for version in plan.gone:
        registry.withdraw(version)
    for uri in (*plan.artefacts, *plan.snapshots):
        blobs.delete(uri)
    for version in plan.gone:
        registry.forget(version)
    return freed
