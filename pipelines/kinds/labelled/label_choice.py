"""Choice of the labels of a new model from the cells of its file."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from pipelines.catalog.spec import Source
from pipelines.ingestion.label_cells import is_missing
from pipelines.ingestion.reading import label_with_rows
from pipelines.ingestion.records import Record, read
from pipelines.kinds.declaring import LabelFormat
from pipelines.kinds.labelled.spellings import merged_spellings

SEPARATORS = (";", "|", ",", "/", "+")


def label_counts(source: Source, split: Callable[[str], list[str]]) -> Counter[str]:
    """Return the rows of each label as written; `split` gives the labels in a cell, and lists have theirs."""
    counts: Counter[str] = Counter()
    for row in read(source.uri, source):
        if isinstance(row, Record) and not is_missing(row.label, source.missing_labels):
            counts.update(split(row.label) if isinstance(row.label, str) else row.label or ())
    return counts


def chosen_labels(counts: Counter[str], label_format: LabelFormat) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of a file, sorted, and sentences about labels that are left out or unclear."""
    merged = merged_spellings(counts)
    rows = {label: sum(spellings.values()) for label, spellings in merged.items()}
    rare = sorted(label for label, count in rows.items() if count < label_format.min_rows)
    labels = sorted(rows.keys() - set(rare) - label_format.without)
    notes = []
    if rare:
        fewer = f"fewer than {label_format.min_rows} rows, left out by --drop-rare"
        notes.append(f"{_named(rare, rows)}: {fewer}")
    if absent := sorted(label_format.without & rows.keys()):
        notes.append(
            f"{_named(absent, rows)}: left out, because all rows are held out by their hash and none is left to learn "
            "from; bring more messages, then needloop add NAME --update"
        )
    if "-1" in labels and all(label.lstrip("-").isdecimal() for label in labels):
        notes.append("the label '-1' stands beside other numbers: if it means no label, add --missing-label=-1")
    return tuple(labels), tuple(notes)


def _named(labels: Sequence[str], rows: Mapping[str, int]) -> str:
    more = f" and {len(labels) - 20} more" if len(labels) > 20 else ""
    return ", ".join(label_with_rows(label, rows) for label in labels[:20]) + more
