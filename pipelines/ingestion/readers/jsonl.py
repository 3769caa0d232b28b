"""Reader of JSON Lines: one object a line, as in exports and application logs."""

import json
from collections.abc import Iterator

from pipelines.ingestion.readers.lines import lines
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm
from pipelines.ingestion.readers.whole_numbers import whole_number
from pipelines.ingestion.rows import MALFORMED, Rejected, SourceRow


def rows(file: SourceFile, form: TextForm) -> Iterator[SourceRow | Rejected]:
    """Every object of the file; blank lines are skipped, a line without an object is malformed."""
    for line in lines(file, form):
        if isinstance(line, Rejected):
            yield line
        elif line[1].strip():
            yield _row(*line)


def _row(number: int, text: str) -> SourceRow | Rejected:
    try:
        values = json.loads(text, parse_float=whole_number)
    except (ValueError, RecursionError):  # RecursionError: brackets nested by the thousand
        values = None
    return SourceRow(number, values) if isinstance(values, dict) else Rejected(number, MALFORMED, text)
