"""An entry of the ledger: an event, and around it who wrote it when, its place in the chain and its signature."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pipelines.home.addresses import relative, resolved
from pipelines.ledger.codec import decoded, encoded
from pipelines.ledger.events import Event, Judged

GENESIS = "0" * 64
AROUND = ("by", "time", "previous", "signature")

E = TypeVar("E", bound=Event, covariant=True)
K = TypeVar("K", bound=Event)


@dataclass(frozen=True)
class Record(Generic[E]):
    """An event as it was written down: by whom, when, after which entry, and signed with the key of its home.

    `previous` is the hash of the entry before, `signature` an HMAC-SHA256 over all the rest of the line. The `home`
    that it was read from is no part of it: where things lie now, `package` and `files`, is found from there.
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
        """Where the version's packaged artefact lies now."""
        return self._now(self.event.subject.location)

    @property
    def digest(self) -> str:
        """The digest of the packaged artefact."""
        return self.event.subject.digest

    @property
    def files(self) -> Mapping[str, str]:
        """The digests of a decision's evidence by where it lies now; no other event has any."""
        evidence = self.event.evidence if isinstance(self.event, Judged) else {}
        return {self._now(uri): digest for uri, digest in evidence.items()}

    def _now(self, address: str) -> str:
        return resolved(address, Path(self.home)) if self.home else address

    def line(self) -> str:
        """The canonical JSON line, without its end."""
        around = {name: getattr(self, name) for name in AROUND}
        return json.dumps(encoded(self.event) | around, sort_keys=True, ensure_ascii=False)

    def hash(self) -> str:
        """SHA-256 of the canonical line, which holds the hash of the entry before."""
        return hashlib.sha256(self.line().encode()).hexdigest()

    def signed(self, key: bytes) -> "Record[E]":
        """The entry with its signature."""
        unsigned = replace(self, signature="").line().encode()
        return replace(self, signature=hmac.new(key, b"ledger" + unsigned, hashlib.sha256).hexdigest())


Entry = Record[Event]


def parsed(line: bytes, home: Path) -> Entry:
    """The entry of a line, not yet verified. Raises KeyError, TypeError or ValueError for what is none."""
    values: dict[str, Any] = json.loads(line)
    around = {name: values.pop(name) for name in AROUND}
    return Entry(decoded(values), **around, home=str(home))


def kept(event: K, home: Path) -> K:
    """The event with addresses relative to this home."""
    own: dict[str, Any] = {"subject": replace(event.subject, location=relative(event.subject.location, home))}
    if isinstance(event, Judged):
        own["evidence"] = {relative(uri, home): digest for uri, digest in event.evidence.items()}
    return replace(event, **own)
