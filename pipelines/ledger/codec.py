"""Events as the fields of a JSON line, and back: the fields that lines had before there were types of events."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_args

from pipelines.ledger.events import Event, Recorded, Subject

KINDS: Mapping[str, type[Event]] = {kind.tag: kind for kind in get_args(Event)}
SUBJECT = tuple(field.name for field in fields(Subject))
SHARED = tuple(field.name for field in fields(Recorded))
# Every line names these, whatever its event. All other fields of one event are named only where they say something.
BLANK: Mapping[str, Any] = {"evidence": {}, "override": ""}


def encoded(event: Event) -> dict[str, Any]:
    """The event as plain values for JSON."""
    own = {name: value for name, value in asdict(event).items() if value or name in SHARED}
    subject: dict[str, Any] = own.pop("subject")
    return {"event": event.tag, **BLANK, **subject, **own}


def decoded(values: Mapping[str, Any]) -> Event:
    """The event of these values. Raises KeyError, TypeError or ValueError for what is none."""
    kind = KINDS.get(values["event"])
    if kind is None:
        raise ValueError(f"this version of Needloop knows no event {values['event']!r}")
    own = {field.name for field in fields(kind)} - {"subject"}
    _require_no_other(kind.tag, {name: values[name] for name in values.keys() - own - {"event", *SUBJECT}})
    subject = Subject(**{name: values[name] for name in SUBJECT})
    told = {name: values[name] for name in own if name in values}
    return kind(subject=subject, **{**told, "reasons": tuple(told["reasons"])})


def _require_no_other(tag: str, values: Mapping[str, Any]) -> None:
    """A field that this event does not have may only be blank, where every line names it."""
    if foreign := sorted(name for name, value in values.items() if BLANK.get(name) != value):
        raise ValueError(f"the event {tag!r} has no {', '.join(foreign)}")
