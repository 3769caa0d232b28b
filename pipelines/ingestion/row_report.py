"""Report on every row of a source: what it became, why it was left out, and what to do about it."""

import html
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.ingestion.rows import (
    DUPLICATE_ID,
    EMPTY_TEXT,
    ENCODING,
    MALFORMED,
    MISSING_COLUMN,
    NO_CONFIDENCE,
    NOT_A_MESSAGE,
    TOO_LONG,
    UNKNOWN_LABEL,
    UnusableSource,
)

UNLABELLED = "no label"
SEVERAL_LABELS = "several labels"
NOT_IN_LABEL_FILE = "not in the label file"
DUPLICATE = "copy with the same label"
CONFLICTING = "contradicting labels"
PUBLISHED = "in the published test split"
NEAR_DUPLICATE = "near duplicate"
LEAK = "near duplicate of a held-out text"
HELD_OUT_FEEDBACK = "feedback held out by its hash"
REPEATED_FEEDBACK = "feedback on a known text"
UNKNOWN_FEEDBACK = "feedback with an unknown label"

# Left out without a loss: nothing could be learnt from these rows, or another row says the same.
UNUSABLE = {UNLABELLED, NOT_IN_LABEL_FILE, NOT_A_MESSAGE}
FEEDBACK_REASONS = {HELD_OUT_FEEDBACK, REPEATED_FEEDBACK, UNKNOWN_FEEDBACK}
NO_LOSS = UNUSABLE | FEEDBACK_REASONS | {DUPLICATE, PUBLISHED}
WARNING_SHARE, ERROR_SHARE = 0.1, 0.5
KEPT = {"train": "learnt from", "test": "held out for the test", "traffic": "kept for replayed traffic"}

REMEDIES: Mapping[str, str] = {
    ENCODING: "name the file's encoding (--encoding), or save it as UTF-8",
    MALFORMED: "look at the quotes and separators of these lines",
    MISSING_COLUMN: "these rows lack a declared column",
    UNKNOWN_LABEL: "declare these labels (needloop add NAME --update), or empty their cells",
    SEVERAL_LABELS: "declare a model of several labels per message (--separator), or choose one label each",
    EMPTY_TEXT: "name another column with --text if the messages are elsewhere",
    TOO_LONG: "texts of over a million characters are attachments: leave them out, or cut them before",
    DUPLICATE_ID: "give each row its own id, or declare no id column",
    NO_CONFIDENCE: "write the confidence as a number between 0 and 1",
    CONFLICTING: "give each text one label; a subject line is a poor text column, the whole message a good one",
    NEAR_DUPLICATE: "these texts differ from another of the same label by a few letters",
    LEAK: "these texts differ from a held-out one by a few letters; learning them would flatter the score",
}


@dataclass(frozen=True)
class RowReport:
    """Row counts of one ingestion; `read` is the sum of the others, `learnt_feedback` is a part of `train`.

    `left_out` has rows by reason; `examples` a few of these, masked; `notes` are sentences about the whole source.
    """

    read: int
    train: int
    test: int
    traffic: int
    left_out: dict[str, int]
    examples: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    quarantine: str | None = None
    learnt_feedback: int = 0

    @property
    def lost(self) -> int:
        """Rows left out that a person would have wanted to be learnt from."""
        return sum(rows for reason, rows in self.left_out.items() if reason not in NO_LOSS)

    @property
    def loss(self) -> float:
        """The lost share of the source's rows with a label, 0 to 1."""
        feedback = self.learnt_feedback + sum(self.left_out.get(reason, 0) for reason in FEEDBACK_REASONS)
        usable = self.read - feedback - sum(self.left_out.get(reason, 0) for reason in UNUSABLE)
        return self.lost / usable if usable else 0.0

    @property
    def warning(self) -> str | None:
        """A sentence about a loss of more than a tenth, with what to do; None for less."""
        return self._sentence() if self.loss > WARNING_SHARE else None

    def document(self) -> dict[str, Any]:
        """As JSON: `rows` of `needloop add`, `train` and `retrain`."""
        numbers = {name: getattr(self, name) for name in ("read", "train", "test", "traffic", "left_out", "lost")}
        words = {"warning": self.warning, "examples": self.examples, "notes": self.notes}
        return numbers | words | {"quarantine": self.quarantine}

    def table(self) -> list[tuple[str, int, str]]:
        """Outcome and number of rows, with examples for a cell of a Markdown table."""
        kept = [(words, getattr(self, name), "") for name, words in KEPT.items() if name != "traffic" or self.traffic]
        left_out = [
            (f"left out: {reason}", rows, "<br>".join(map(_cell, self.examples.get(reason, []))))
            for reason, rows in self.left_out.items()
        ]
        return kept + left_out

    def figures(self) -> dict[str, float]:
        """Row counts by the names of MLflow's metrics: `rows.train`, `rows.left_out.near_duplicate`."""
        kept = {f"rows.{name}": float(getattr(self, name)) for name in ("read", *KEPT)}
        return kept | {f"rows.left_out.{reason.replace(' ', '_')}": float(n) for reason, n in self.left_out.items()}

    def _sentence(self) -> str:
        reasons = {
            reason: rows
            for reason, rows in sorted(self.left_out.items(), key=lambda item: -item[1])
            if reason not in NO_LOSS
        }
        counts = ", ".join(f"{rows:,} {reason}" for reason, rows in reasons.items())
        remedies = "; ".join(f"{reason}: {REMEDIES[reason]}" for reason in reasons if reason in REMEDIES)
        place = f" Unusable rows are listed, masked, in {self.quarantine}." if self.quarantine else ""
        return f"{self.lost:,} of {self.read:,} rows ({self.loss:.0%}) are lost: {counts}. {remedies}.{place}"


class RowsLost(UnusableSource):
    """A source that cannot become a corpus because of what became of its `rows`."""

    def __init__(self, message: str, rows: RowReport) -> None:
        super().__init__(message)
        self.rows = rows


def require_rows(report: RowReport, uri: str, accept_loss: bool) -> RowReport:
    """The report; raises RowsLost if more than half of the rows are lost and that is not accepted."""
    if report.loss > ERROR_SHARE and not accept_loss:
        hint = "More than half may be lost only with --accept-loss, or `accept_loss = true` in the declared source"
        raise RowsLost(f"{uri}: {report.warning} {hint}", report)
    return report


def _cell(text: str) -> str:
    """Text for a cell of a Markdown table: a customer's message may hold a pipe or a tag."""
    return html.escape(text).replace("|", "&#124;").replace("`", "&#96;")


def left_out_counts(*parts: Mapping[str, int]) -> dict[str, int]:
    """The sum of counts by reason, without zeros, in the order of their names."""
    total = sum((Counter(part) for part in parts), Counter[str]())
    return {reason: total[reason] for reason in sorted(total) if total[reason]}
