"""Choice of the versions and snapshots to delete: pure functions of versions, ledger entries and a number to keep."""

from collections.abc import Collection, Iterable, Sequence

from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Hold
from pipelines.ledger.queries import active_rollouts, decisions, promotes, pruning_entries


def protected_versions(entries: Sequence[Entry]) -> set[int]:
    """The champion, the rollback target, the last one judged, a running rollout and held versions of one model."""
    pruned = pruning_entries(entries, entries[0].model) if entries else {}
    champions = [entry.version for entry in entries if promotes(entry)]
    earlier = [version for version in champions if version not in {champions[-1], *pruned}]
    decided = [entry.version for entry in decisions(entries)]
    rollouts = [rollout.version for rollout in active_rollouts(entries).values()]
    return {*champions[-1:], *earlier[-1:], *decided[-1:], *rollouts, *_held(entries)}


def _held(entries: Sequence[Entry]) -> set[int]:
    """Held versions that wait for a person: no later version became champion."""
    held: set[int] = set()
    for entry in decisions(entries):
        held = set() if promotes(entry) else held - {entry.version}
        held |= {entry.version} if isinstance(entry.event, Hold) else set()
    return held


def removable_versions(versions: Collection[int], entries: Sequence[Entry], keep: int) -> list[int]:
    """The registered versions of one model to delete: neither protected nor among the newest `keep`.

    Versions with a pruning entry are included: the process that wrote it may have been killed before it deleted them.
    """
    pruned = pruning_entries(entries, entries[0].model) if entries else {}
    newest = sorted(set(versions) - set(pruned), reverse=True)[:keep]
    return sorted(set(versions) - protected_versions(entries) - set(newest))


def unused_snapshots(snapshots: Iterable[str], entries: Iterable[Entry], learnt: Collection[str]) -> list[str]:
    """Addresses of the snapshots without a decision or a training; `learnt` has prefixes of digests."""
    evidence_names = {_name(uri) for entry in decisions(entries) for uri in entry.event.evidence}
    return [uri for uri in snapshots if _name(uri) not in evidence_names and not _name(uri).startswith(tuple(learnt))]


def _name(uri: str) -> str:
    """Digest and suffix without the folder: one snapshot may have several addresses."""
    return uri.rpartition("/")[2]
