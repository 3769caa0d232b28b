"""A few of the rows that are left out, masked, as text for people."""

from collections.abc import Iterable

from pipelines.ingestion.quarantine import Entry

EXAMPLES, EXCERPT = 3, 80  # rows of a reason, characters of a row


def examples_of(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """The first entries of each reason, as text for people; masked by the quarantine."""
    examples: dict[str, list[str]] = {}
    for entry in entries:
        first = examples.setdefault(entry.reason, [])
        if len(first) < EXAMPLES:
            first.append(example_line(entry.line, entry.text))
    return examples


def example_line(line: int, text: str) -> str:
    """The beginning of a masked text with its line, if it has one."""
    cut = text[:EXCERPT] + (" ..." if len(text) > EXCERPT else "")
    return f"line {line}: {cut}" if line else cut
