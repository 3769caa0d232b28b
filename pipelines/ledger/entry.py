"""An entry of the ledger: an event with its author, time, link in the chain and signature."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pipelines.home.addresses import relative_address, resolve_address
from pipelines.ledger.codec import decode, encode
from pipelines.ledger.events import DecisionFields, Event

GENESIS = "0" * 64
ENVELOPE_FIELDS = ("by", "time", "previous", "signature")

E = TypeVar("E", bound=Event, covariant=True)
K = TypeVar("K", bound=Event)


@dataclass(frozen=True)
class EventEntry(Generic[E]):
    """A recorded event: its author (`by`), time, link to the previous entry, and signature with the home's key.

    `previous` is the hash of the previous entry, `signature` an HMAC-SHA256 over the rest of the line. `home` is not
    part of the entry: it is the home that it was read from, and resolves `package` and `files`.
    """

    event: E
    by: str = ""
    time: str = ""
    previous: str = GENESIS
    signature: str = ""
    home: str = field(default="", compare=False, repr=False)

    @property
    def model(self) -> str:
        """The model that the event is about."""
        return self.event.subject.model

    @property
    def version(self) -> int:
        """The version that the event is about."""
        return self.event.subject.version

    @property
    def champion(self) -> int | None:
        """The champion's version when the event happened."""
        return self.event.champion

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the event, in sentences."""
        return self.event.reasons

    @property
    def package(self) -> str:
        """The current address of the version's package."""
        return self._resolve(self.event.subject.location)

    @property
    def digest(self) -> str:
        """The digest of the package."""
        return self.event.subject.digest

    @property
    def files(self) -> Mapping[str, str]:
        """The digests of a decision's evidence by current address; empty for other events."""
        evidence = self.event.evidence if isinstance(self.event, DecisionFields) else {}
        return {self._resolve(uri): digest for uri, digest in evidence.items()}

    def _resolve(self, address: str) -> str:
        return resolve_address(address, Path(self.home)) if self.home else address

    def line(self) -> str:
        """The canonical JSON line, without a newline."""
        envelope = {name: getattr(self, name) for name in ENVELOPE_FIELDS}
        return json.dumps(encode(self.event) | envelope, sort_keys=True, ensure_ascii=False)

    def hash(self) -> str:
        """SHA-256 of the canonical line, which holds the hash of the previous entry."""
        return hashlib.sha256(self.line().encode()).hexdigest()

    def signed(self, key: bytes) -> "EventEntry[E]":
        """The entry with its signature."""
        unsigned = replace(self, signature="").line().encode()
        return replace(self, signature=hmac.new(key, b"ledger" + unsigned, hashlib.sha256).hexdigest())


Entry = EventEntry[Event]


def parse_entry(line: bytes, home: Path) -> Entry:
    """The entry of a line, not yet verified. Raises KeyError, TypeError or ValueError if the line is not an entry."""
    values: dict[str, Any] = json.loads(line)
    envelope = {name: values.pop(name) for name in ENVELOPE_FIELDS}
    return Entry(decode(values), **envelope, home=str(home))


def with_relative_addresses(event: K, home: Path) -> K:
    """The event with addresses relative to this home."""
    changes: dict[str, Any] = {
        "subject": replace(event.subject, location=relative_address(event.subject.location, home))
    }
    if isinstance(event, DecisionFields):
        changes["evidence"] = {relative_address(uri, home): digest for uri, digest in event.evidence.items()}
    return replace(event, **changes)
