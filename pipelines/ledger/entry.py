"""An entry of the ledger: an event with its author, time, link in the chain and signature, as a JSON line.

The format of the line is older than the event classes.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pipelines.home.addresses import relative_address, resolve_address
from pipelines.ledger.events import DecisionFields, Event, EventFields, Subject

EVENT_CLASSES: Mapping[str, type[Event]] = {event.tag: event for event in get_args(Event)}
SUBJECT = tuple(field.name for field in fields(Subject))
SHARED = tuple(field.name for field in fields(EventFields))
# Every line has these fields, empty if the event lacks them. A line has other fields of an event only if not empty.
OPTIONAL_FIELDS: Mapping[str, Any] = {"evidence": {}, "override": ""}
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


def encode(event: Event) -> dict[str, Any]:
    """The event as plain values for JSON."""
    own = {name: value for name, value in asdict(event).items() if value or name in SHARED}
    subject: dict[str, Any] = own.pop("subject")
    return {"event": event.tag, **OPTIONAL_FIELDS, **subject, **own}


def decode(values: Mapping[str, Any]) -> Event:
    """The event of these values. Raises KeyError, TypeError or ValueError if they are not an event."""
    event_class = EVENT_CLASSES.get(values["event"])
    if event_class is None:
        raise ValueError(
            f"this version of Needloop does not support the event {values['event']!r}: install a newer one"
        )
    own = {field.name for field in fields(event_class)} - {"subject"}
    _require_empty(event_class.tag, {name: values[name] for name in values.keys() - own - {"event", *SUBJECT}})
    subject = Subject(**{name: values[name] for name in SUBJECT})
    present = {name: values[name] for name in own if name in values}
    return event_class(subject=subject, **{**present, "reasons": tuple(present["reasons"])})


def _require_empty(tag: str, values: Mapping[str, Any]) -> None:
    """Require that fields of other events are empty fields of OPTIONAL_FIELDS."""
    if foreign := sorted(name for name, value in values.items() if OPTIONAL_FIELDS.get(name) != value):
        raise ValueError(f"the event {tag!r} has no {', '.join(foreign)}")
