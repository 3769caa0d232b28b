"""Whether ledger, registry, artefacts and what is served say the same."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.inference.artefact import BrokenPackage, open_package
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Abort
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions
from pipelines.promotion.evidence import tampered_files
from pipelines.registry.registry import Registry


def audit(ledger: Ledger, registry: Registry, cache: Path, served: Mapping[str, int] | None) -> list[str]:
    """What differs, in sentences; none where all agree. `served` are versions by model, none without a service."""
    try:
        entries = ledger.current()
    except BrokenLedger as error:
        return [str(error)]
    champions = current_champions(entries)
    return [
        *filter(None, [ledger.loss()]),
        *unaligned(entries, registry),
        *_packages(champions, cache),
        *(f"evidence of {one.model} {one.version}: {fault}" for one in entries for fault in tampered_files(one.files)),
        *_served(champions, served),
    ]


def unaligned(entries: Sequence[Entry], registry: Registry) -> list[str]:
    """Where MLflow does not follow the ledger: what it remembers of the last entries, and its aliases."""
    return [*_heads(entries, registry.heads()), *_aliases(current_champions(entries), registry)]


def _heads(entries: Sequence[Entry], heads: Mapping[str, str]) -> Iterator[str]:
    """MLflow keeps the hash of each model's last entry: a ledger that was cut short is whole, but not to the end."""
    known: dict[str, set[str]] = {}
    for entry in entries:
        # A service writes by itself that it aborted a trial, and does not speak to MLflow.
        before = known.get(entry.model, set()) if isinstance(entry.event, Abort) else set()
        known[entry.model] = before | {entry.hash()}
    hashes = {entry.hash() for entry in entries}
    for model in sorted({*known, *heads}):
        if heads.get(model) not in hashes and model in heads:
            yield f"{model}: the ledger lost entry {heads[model][:12]}, which MLflow remembers; restore ledger.jsonl"
        elif heads.get(model) not in known[model]:
            yield f"{model}: MLflow does not know the ledger's last entry; needloop train {model} writes it there"


def _aliases(champions: Mapping[str, Entry], registry: Registry) -> Iterator[str]:
    for model, entry in champions.items():
        found = registry.aliases(model).get("champion")
        if found != entry.version:
            yield f"{model}: MLflow's champion is {found or 'missing'}, the ledger's is {entry.version}"


def _packages(champions: Mapping[str, Entry], cache: Path) -> Iterator[str]:
    for model, entry in champions.items():
        try:
            open_package(entry.package, entry.digest, cache)
        except BrokenPackage as error:
            yield f"{model} {entry.version}: {error}"


def _served(champions: Mapping[str, Entry], served: Mapping[str, int] | None) -> Iterator[str]:
    if served is None:
        return
    for model, entry in champions.items():
        if served.get(model) != entry.version:
            yield f"{model}: {served.get(model, 'nothing')} is served, the ledger's champion is {entry.version}"
