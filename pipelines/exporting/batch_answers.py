"""Answers of a running service to any number of messages, as rows of a table, in the order of the messages."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.client.request_batches import batches
from pipelines.client.responses import Prediction, PredictResponse
from pipelines.exporting.table_file import Columns, Row
from pipelines.ingestion.reading import quote
from pipelines.ingestion.records import Record, Rejected
from pipelines.ingestion.rows import MAX_TEXT_LENGTH, TOO_LONG, Note, UnusableSource
from pipelines.ingestion.sources import columns
from pipelines.runtime.wording import counted_noun

MAX_LINES_SHOWN = 5


@dataclass(frozen=True)
class AnswerTable:
    """The columns of the answers; `separator` joins several labels, and is None for a model of one label."""

    masked: Callable[[str], str]
    separator: str | None = None

    @property
    def columns(self) -> Columns:
        """The types by the names of the columns; `text` is masked, and no other column of a source is copied."""
        answer = {"label": str, "score": float} if self.separator is None else {"labels": str}
        return {"line": int, "id": str, **answer, "abstained": bool, "text": str}

    def row(self, record: Record, prediction: Prediction) -> Row:
        """The row of one answer."""
        row = {"line": record.line, "id": prediction.id, **self._answer(prediction)}
        return {**row, "abstained": prediction.abstained, "text": self.masked(record.text)}

    def _answer(self, prediction: Prediction) -> Row:
        if self.separator is None:
            return {"label": prediction.label, "score": prediction.score}
        empty = self.separator if prediction.scores else ""  # a paused model has no scores
        return {"labels": self.separator.join(prediction.labels) or empty}


@dataclass
class AnswerCounts:
    """Counts of answers and of texts that the model read in part, and by reason the lines that cannot be read."""

    answered: int = 0
    truncated: int = 0
    versions: set[int] = field(default_factory=set)
    left_out: dict[str, list[int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """The number of rows, answered or left out."""
        return self.answered + sum(map(len, self.left_out.values()))

    def require_answers(self, uri: str, text: str) -> None:
        """Raise UnusableSource if no row was answered."""
        if self.answered:
            return
        reasons = ", ".join(f"{len(lines)} {reason}" for reason, lines in self.left_out.items()) or "none"
        found = quote(columns(uri))
        raise UnusableSource(f"{uri}: no message to answer; rows: {reasons}; found columns {found}; expected {text!r}")

    def truncated_sentence(self) -> str:
        """The number of texts that the model read in part; empty if there are none."""
        texts = counted_noun(self.truncated, "text")
        return f"{texts} longer than the model reads: it read a part of each" if self.truncated else ""

    def left_out_sentence(self) -> str:
        """The rows left out, by reason and line; empty if there are none."""
        reasons = ", ".join(
            f"{len(lines)} {reason} (line{'s' if len(lines) > 1 else ''} {_listed(lines)})"
            for reason, lines in self.left_out.items()
        )
        return f"{self.read - self.answered} of {counted_noun(self.read, 'row')} left out: {reasons}" if reasons else ""


def answer(
    rows: Iterable[Record | Rejected | Note],
    ask: Callable[[list[str]], PredictResponse],
    table: AnswerTable,
    counts: AnswerCounts,
) -> Iterator[list[Row]]:
    """Batches of rows of the table; `counts` grows meanwhile."""
    for batch in batches(_usable(rows, counts), lambda record: record.text):
        response = ask([record.text for record in batch])
        counts.versions.add(response.version)
        counts.answered += len(batch)
        counts.truncated += sum(prediction.truncated for prediction in response.predictions)
        yield [table.row(*pair) for pair in zip(batch, response.predictions, strict=True)]


def _usable(rows: Iterable[Record | Rejected | Note], counts: AnswerCounts) -> Iterator[Record]:
    for row in rows:
        if isinstance(row, Note):
            counts.notes.append(row.text)
        elif isinstance(row, Rejected):
            counts.left_out.setdefault(row.reason, []).append(row.line)
        elif len(row.text) > MAX_TEXT_LENGTH:
            counts.left_out.setdefault(TOO_LONG, []).append(row.line)
        else:
            yield row


def _listed(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:MAX_LINES_SHOWN]))
    return f"{shown}, ..." if len(lines) > MAX_LINES_SHOWN else shown
