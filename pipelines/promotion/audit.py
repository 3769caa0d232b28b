"""Comparison of ledger, registry, artefacts and the versions that the service serves."""

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


def find_differences(
    ledger: Ledger, registry: Registry, cache: Path, served_versions: Mapping[str, int] | None
) -> list[str]:
    """All differences, as sentences; empty if everything agrees.

    `served_versions` has the served version of each model; None without a running service.
    """
    try:
        entries = ledger.current()
    except BrokenLedger as error:
        return [str(error)]
    champions = current_champions(entries)
    return [
        *filter(None, [ledger.loss_message()]),
        *registry_differences(entries, registry),
        *_packages(champions, cache),
        *(
            f"evidence of {entry.model} {entry.version}: {fault}"
            for entry in entries
            for fault in tampered_files(entry.files)
        ),
        *_serving_differences(champions, served_versions),
    ]


def registry_differences(entries: Sequence[Entry], registry: Registry) -> list[str]:
    """Differences between the ledger and MLflow: its aliases and its record of each model's last entry."""
    return [*_heads(entries, registry.heads()), *_aliases(current_champions(entries), registry)]


def _heads(entries: Sequence[Entry], heads: Mapping[str, str]) -> Iterator[str]:
    """Differences in the last entry's hash, which MLflow stores: a truncated ledger has a valid hash chain."""
    known: dict[str, set[str]] = {}
    for entry in entries:
        # The service appends an abort itself and has no connection to MLflow.
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
        version = registry.aliases(model).get("champion")
        if version != entry.version:
            yield f"{model}: MLflow's champion is {version or 'missing'}, the ledger's is {entry.version}"


def _packages(champions: Mapping[str, Entry], cache: Path) -> Iterator[str]:
    for model, entry in champions.items():
        try:
            open_package(entry.package, entry.digest, cache)
        except BrokenPackage as error:
            yield f"{model} {entry.version}: {error}"


def _serving_differences(champions: Mapping[str, Entry], versions: Mapping[str, int] | None) -> Iterator[str]:
    if versions is None:
        return
    for model, entry in champions.items():
        if versions.get(model) != entry.version:
            yield f"{model}: {versions.get(model, 'nothing')} is served, the ledger's champion is {entry.version}"
