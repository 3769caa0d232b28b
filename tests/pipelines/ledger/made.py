"""Events and entries by their tag, with defaults for the fields that do not matter."""

from pipelines.ledger.entry import EVENT_CLASSES, Entry
from pipelines.ledger.events import Subject


def event(
    tag, model, version, *, location="", digest="", data="", gate="", feedback=0, reasons=(), champion=None, **own
):
    """An event; `own` are the fields that only its type has."""
    subject = Subject(model, version, location, digest, data, gate, feedback)
    return EVENT_CLASSES[tag](subject, reasons, champion, **own)


def entry(tag, model, version, *, by="", time="", **fields):
    """An entry without a signature."""
    return Entry(event(tag, model, version, **fields), by=by, time=time)
