"""What may go: a pure choice from versions, ledger entries and how many are to be kept."""

from collections.abc import Collection, Iterable, Sequence

from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Hold
from pipelines.ledger.queries import crowns, decided, pruned
from pipelines.promotion.rollout import active_rollouts


def spared(entries: Sequence[Entry]) -> set[int]:
    """By the entries about one model: the champion and the one to go back to, who is judged last, on trial, or held."""
    gone = pruned(entries, entries[0].model) if entries else {}
    champions = [entry.version for entry in entries if crowns(entry)]
    before = [version for version in champions if version not in {champions[-1], *gone}]
    judged = [entry.version for entry in decided(entries)]
    trials = [trial.version for trial in active_rollouts(entries).values()]
    return {*champions[-1:], *before[-1:], *judged[-1:], *trials, *_held(entries)}


def _held(entries: Sequence[Entry]) -> set[int]:
    """What waits for a person: nothing after it has become champion."""
    waiting: set[int] = set()
    for entry in decided(entries):
        waiting = set() if crowns(entry) else waiting - {entry.version}
        waiting |= {entry.version} if isinstance(entry.event, Hold) else set()
    return waiting


def outdated(versions: Collection[int], entries: Sequence[Entry], keep: int) -> list[int]:
    """Which registered versions of one model may go, by the entries about it: neither spared nor of the newest `keep`.

    Those that the ledger calls pruned already are among them: whoever pruned them was killed before the end.
    """
    gone = pruned(entries, entries[0].model) if entries else {}
    newest = sorted(set(versions) - set(gone), reverse=True)[:keep]
    return sorted(set(versions) - spared(entries) - set(newest))


def unused(snapshots: Iterable[str], entries: Iterable[Entry], learnt: Collection[str]) -> list[str]:
    """The snapshots, as addresses, that no decision was taken on and nothing learnt from: `learnt` begin digests."""
    judged = {_name(uri) for entry in decided(entries) for uri in entry.event.evidence}
    return [uri for uri in snapshots if _name(uri) not in judged and not _name(uri).startswith(tuple(learnt))]


def _name(uri: str) -> str:
    """Digest and suffix, without the folder: the same snapshot may be reached by other ways."""
    return uri.rpartition("/")[2]
