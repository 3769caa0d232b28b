"""A packaged version that is served, whoever names it: the ledger, or whoever starts the service."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipelines.catalog.gate import Gate
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import overridden

UNDECLARED: float = Gate.model_fields["agreement"].default


@dataclass(frozen=True)
class ServedVersion:
    """A version of a model, since when it is served, and the address of its package.

    `agreement` is the share of its recorded answers in which it may differ. It is None for what is not held to them:
    what no gate has judged, and what a person let pass against the gate. `key` tells it from every other.
    """

    model: str
    version: int
    since: str
    package: str
    digest: str
    key: str
    agreement: float | None = None


def served(entry: Entry, declared: Mapping[str, float]) -> ServedVersion:
    """The version that an entry of the ledger names; `declared` is the `agreement` of each declared model."""
    held = entry.event.subject.gate and not overridden(entry.event)
    agreement = declared.get(entry.model, UNDECLARED) if held else None
    return ServedVersion(entry.model, entry.version, entry.time, entry.package, entry.digest, entry.hash(), agreement)


class Source(Protocol):
    """Where the names of what is served come from."""

    @property
    def declared(self) -> Collection[str]:
        """The models that may come to be served."""

    def changed(self) -> bool:
        """Whether other versions may be named than were read last."""

    def versions(self) -> Mapping[str, ServedVersion]:
        """By model, the version to be served. Raises what is UNREADABLE."""
