"""Cases that people wrote for a model, which it must get right."""

import csv
from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask


class BrokenCases(ValueError):
    """Declared cases that cannot be read, or that name an answer which the model does not give."""


def load_declared_cases(spec: ModelSpec) -> list[tuple[str, str]]:
    """Return the masked texts of `spec.behaviour.cases` with their cells; none without a file. Raises BrokenCases."""
    if spec.behaviour.cases is None:
        return []
    rows = _rows(Path(spec.behaviour.cases))
    cells = {written: spec.target.read(written) for _, written in rows}
    if unknown := sorted(written for written, cell in cells.items() if cell is None):
        problem = f"{', '.join(map(repr, unknown))} of {spec.name!r}; choose from {spec.target.expected}"
        raise BrokenCases(f"{spec.behaviour.cases}: {problem}")
    return [(mask(normalise(text), spec.source.masking), cells[written] or "") for text, written in rows]


def _rows(file: Path) -> list[tuple[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BrokenCases(f"behaviour.cases {file} cannot be read: {error}") from error
    if not rows or set(rows[0]) != {"text", "label"}:
        raise BrokenCases(f"behaviour.cases {file} needs the columns text and label")
    if odd := next((number for number, row in enumerate(rows, 1) if len(row) != 2), None):
        raise BrokenCases(f"behaviour.cases {file}: row {odd} has other columns than text and label")
    if len(rows) == 1:
        raise BrokenCases(f"behaviour.cases {file} holds no case: write some, or leave out behaviour.cases")
    text, label = rows[0].index("text"), rows[0].index("label")
    return [(row[text], row[label]) for row in rows[1:]]
