"""The store's feedback: added, undone, counted, and read as labels for training."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from pipelines.kinds.target import Target
from pipelines.store import feedback_rows, labelled_feedback, ratings, rollout_counts
from pipelines.store.exported_rows import ExportedRows
from pipelines.store.feedback_cleanup import FeedbackCleanup
from pipelines.store.feedback_rows import UNKNOWN, Feedback, Origin, Receipt
from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.ratings import Ratings
from pipelines.store.store_part import StorePart
from pipelines.store.votes import AllowedCells, Sender, named_cells


class FeedbackStore(StorePart):
    """The feedback of a database."""

    def add(self, feedback: Feedback, idempotency_key: str | None = None, origin: Origin = UNKNOWN) -> Receipt:
        """Record feedback once per idempotency key; raises UnknownPrediction, and KeyReused for other feedback.

        Raises AnswerFull and SenderFull at the limits of `quota`.
        """
        try:
            return self._write(feedback_rows.add, feedback, idempotency_key, origin)
        except IntegrityError:
            # PostgreSQL lets two senders of one key look at the same time: the second finds the first's row now.
            return self._write(feedback_rows.add, feedback, idempotency_key, origin)

    def undo(self, feedback: int) -> datetime:
        """Undo a feedback row for good; returns the time of the undo. Raises UnknownFeedback."""
        return self._write(feedback_rows.undo, feedback)

    def vocabulary(self, model: str, target: Target) -> AllowedCells:
        """The cells that may be learnt: those the target lists, else all recorded ones as the target reads them."""
        if target.cells is not None:
            return AllowedCells(target.cells)
        current = {cell: target.read(cell) for cell in self._read(named_cells, model)}
        return AllowedCells(otherwise={cell: read for cell, read in current.items() if read != cell})

    def pending_labels(self, model: str, vocabulary: AllowedCells, after: int) -> int:
        """The number of texts labelled since the feedback row `after`."""
        return self._read(labelled_feedback.pending_labels, model, vocabulary, after)

    def ratings(self, model: str) -> Ratings:
        """The stars that people gave the answers of a model."""
        return self._read(ratings.ratings, model)

    def labelled_texts(self, model: str, vocabulary: AllowedCells, without: Sender | None = None) -> list[LabelledText]:
        """The texts with a label of `vocabulary`, in the order of their feedback; rows of `without` are left out."""
        return self._read(labelled_feedback.labelled_texts, model, vocabulary, without)

    def ties(self, model: str, vocabulary: AllowedCells, without: Sender | None = None) -> int:
        """The number of texts whose vote is tied, so that they are not learnt."""
        return self._read(labelled_feedback.ties, model, vocabulary, without)

    def feedback_cleanup(self) -> FeedbackCleanup:
        """The feedback rows for clean-up: list, undo, set aside, restore."""
        return FeedbackCleanup(self._engine)

    def exported_rows(self) -> ExportedRows:
        """The stored rows for an export, in batches."""
        return ExportedRows(self._engine)

    def count_feedback(self, model: str, after: int = 0) -> int:
        """The number of feedback rows with a label after the row `after`."""
        return self._read(labelled_feedback.count, model, after)

    def last_feedback(self, model: str) -> int:
        """The id of the newest feedback row with a label; 0 if there is none."""
        return self._read(labelled_feedback.last, model)

    def feedback_counts(self, since: datetime) -> tuple[int, int, int]:
        """The numbers of feedback rows since a time: all, undone, set aside."""
        return self._read(rollout_counts.feedback_counts, since)
