"""Reader of JSON Lines: one object a line, as in exports and application logs."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.ingestion.readers.lines import lines
from pipelines.ingestion.rows import MALFORMED, Rejected, SourceRow


def rows(stream: BinaryIO) -> Iterator[SourceRow | Rejected]:
    """Every object of the stream; blank lines are skipped, a line without an object is malformed."""
    for line in lines(stream):
        if isinstance(line, Rejected):
            yield line
        elif line[1].strip():
            yield _row(*line)


def _row(number: int, text: str) -> SourceRow | Rejected:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):  # RecursionError: brackets nested by the thousand
        values = None
    return SourceRow(number, values) if isinstance(values, dict) else Rejected(number, MALFORMED, text)
