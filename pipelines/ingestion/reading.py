"""A whole source, read once: its distinct messages by identity, and an account of every row that became none."""

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
    bad: tuple[Entry, ...]
    counts: Counter[str]


def gather(uri: str, source: Source, target: Target | None = None) -> Reading:
    """Every usable message of `uri`; without a `target` no label is asked for. UnusableSource if there is none."""
    counts: Counter[str] = Counter()
    alike: defaultdict[str, list[Record]] = defaultdict(list)
    bad: list[Entry] = []
    for row in records.read(uri, source, target):
        counts["read"] += 1
        item = _admitted(row, target)
        if isinstance(item, Record):
            alike[digest(item.text)].append(item)
        elif item.reason == NOT_A_MESSAGE:
            counts["skipped"] += 1
        else:
            bad.append(entry(uri, item, source.keep_handles))
    if not alike:
        raise UnusableSource(_account(uri, source, target, counts + Counter(one.reason for one in bad)))
    agreed = {key: settle(same) for key, same in alike.items()}
    counts["duplicates"] = sum(len(same) - 1 for same in alike.values())
    counts["conflicting"] = sum(one is None for one in agreed.values())
    return Reading({key: one for key, one in agreed.items() if one}, tuple(bad), counts)


def settle(same: Iterable[Record]) -> Record | None:
    """One record for one text whatever the order of rows: the label that most rows give; none where that is a tie."""
    rows = sorted(same, key=lambda record: (record.text, record.line))
    (label, most), *others = Counter(record.label for record in rows).most_common(2)
    if others and others[0][1] == most:
        return None
    return next(record for record in rows if record.label == label)


def _admitted(row: Record | Rejected, target: Target | None) -> Record | Rejected:
    if isinstance(row, Rejected):
        return row
    cell = target.read(row.label) if target else None
    if target and cell is None:
        return Rejected(row.line, UNKNOWN_LABEL, row.text)
    return replace(row, text=normalise(row.text), label=cell)


def _account(uri: str, source: Source, target: Target | None, counts: Counter[str]) -> str:
    """What was found and what was expected."""
    said = {"skipped": NOT_A_MESSAGE}
    reasons = [f"{number} {said.get(reason, reason)}" for reason, number in counts.most_common() if reason != "read"]
    wanted = " and ".join(repr(name) for name in records.wanted(source, target))
    asked = f" with the labels {target.expected}" if target else ""
    return (
        f"{uri}: found {counts['read']} rows, of which {', '.join(reasons) or 'none is usable'}; "
        f"found columns {quoted(sources.columns(uri))}{_strange(uri, source, target, counts)}; expected {wanted}{asked}"
    )


def _strange(uri: str, source: Source, target: Target | None, counts: Counter[str]) -> str:
    if not counts[UNKNOWN_LABEL]:
        return ""
    labels = {str(row.label) for row in records.read(uri, source, target) if isinstance(row, Record)}
    return f" and labels {quoted(sorted(labels)[:5])}"


def quoted(names: Iterable[str]) -> str:
    """Masked, because the header of a file without one is somebody's message, and so may a label be."""
    return ", ".join(repr(excerpt(name)[:60]) for name in names) or "none"
