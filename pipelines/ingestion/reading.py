"""One pass over a whole source: its distinct messages by identity, and counts of all unusable rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipelines.catalog.spec import Source
from pipelines.ingestion import records, sources
from pipelines.ingestion.quarantine import Entry, entry, excerpt
from pipelines.ingestion.records import Record
from pipelines.ingestion.rows import NOT_A_MESSAGE, UNKNOWN_LABEL, Rejected, UnusableSource
from pipelines.ingestion.text import digest, normalise
from pipelines.kinds.target import Target

Messages = dict[str, Record]  # by the digest of their normalised, unmasked text


@dataclass(frozen=True)
class Reading:
    """Messages, quarantined rows, and counts: read, skipped, duplicates, conflicting."""

    messages: Messages
    quarantined: tuple[Entry, ...]
    counts: Counter[str]


def gather(uri: str, source: Source, target: Target | None = None) -> Reading:
    """Every usable message of `uri`; without a `target` no label is required. Raises UnusableSource."""
    counts: Counter[str] = Counter()
    by_digest: defaultdict[str, list[Record]] = defaultdict(list)
    quarantined: list[Entry] = []
    for row in records.read(uri, source, target):
        counts["read"] += 1
        item = _validate(row, target)
        if isinstance(item, Record):
            by_digest[digest(item.text)].append(item)
        elif item.reason == NOT_A_MESSAGE:
            counts["skipped"] += 1
        else:
            quarantined.append(entry(uri, item, source.keep_handles))
    if not by_digest:
        raise UnusableSource(
            _explain_unusable(uri, source, target, counts + Counter(rejected.reason for rejected in quarantined))
        )
    messages = {key: majority_record(duplicates) for key, duplicates in by_digest.items()}
    counts["duplicates"] = sum(len(duplicates) - 1 for duplicates in by_digest.values())
    counts["conflicting"] = sum(message is None for message in messages.values())
    return Reading({key: message for key, message in messages.items() if message}, tuple(quarantined), counts)


def majority_record(duplicates: Iterable[Record]) -> Record | None:
    """One record of a text whatever the order of rows, with the majority label; None for a tie."""
    rows = sorted(duplicates, key=lambda record: (record.text, record.line))
    (label, count), *others = Counter(record.label for record in rows).most_common(2)
    if others and others[0][1] == count:
        return None
    return next(record for record in rows if record.label == label)


def _validate(row: Record | Rejected, target: Target | None) -> Record | Rejected:
    if isinstance(row, Rejected):
        return row
    cell = target.read(row.label) if target else None
    if target and cell is None:
        return Rejected(row.line, UNKNOWN_LABEL, row.text)
    return replace(row, text=normalise(row.text), label=cell)


def _explain_unusable(uri: str, source: Source, target: Target | None, counts: Counter[str]) -> str:
    """The row counts and columns of an unusable source, and the expected ones."""
    wordings = {"skipped": NOT_A_MESSAGE}
    reasons = [
        f"{number} {wordings.get(reason, reason)}" for reason, number in counts.most_common() if reason != "read"
    ]
    columns = " and ".join(repr(name) for name in records.required_columns(source, target))
    labels = f" with the labels {target.expected}" if target else ""
    strange = _unknown_labels(uri, source, target, counts)
    return (
        f"{uri}: found {counts['read']} rows, of which {', '.join(reasons) or 'none is usable'}; "
        f"found columns {quote(sources.columns(uri))}{strange}; expected {columns}{labels}"
    )


def _unknown_labels(uri: str, source: Source, target: Target | None, counts: Counter[str]) -> str:
    if not counts[UNKNOWN_LABEL]:
        return ""
    labels = {str(row.label) for row in records.read(uri, source, target) if isinstance(row, Record)}
    return f" and labels {quote(sorted(labels)[:5])}"


def quote(names: Iterable[str]) -> str:
    """Quoted and masked: the header of a file without one is a customer's message, and a label may be one too."""
    return ", ".join(repr(excerpt(name)[:60]) for name in names) or "none"
