"""Conversion of events to the fields of a JSON line and back; the format is older than the event classes."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_args

from pipelines.ledger.events import Event, EventFields, Subject

EVENT_CLASSES: Mapping[str, type[Event]] = {event.tag: event for event in get_args(Event)}
SUBJECT = tuple(field.name for field in fields(Subject))
SHARED = tuple(field.name for field in fields(EventFields))
# Every line has these fields, empty if the event lacks them. A line has other fields of an event only if not empty.
OPTIONAL_FIELDS: Mapping[str, Any] = {"evidence": {}, "override": ""}


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
