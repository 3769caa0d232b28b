"""Events and entries made by their tag, where only a few of their fields matter."""

from pipelines.ledger.codec import EVENT_CLASSES
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import Subject


def event(
    tag, model, version, *, location="", digest="", data="", gate="", feedback=0, reasons=(), champion=None, **own
):
    """An event; `own` are the fields that only its kind has."""
    subject = Subject(model, version, location, digest, data, gate, feedback)
    return EVENT_CLASSES[tag](subject, reasons, champion, **own)


def entry(tag, model, version, *, by="", time="", **fields):
    """An entry that nobody signed."""
    return Entry(event(tag, model, version, **fields), by=by, time=time)
