"""The store's predictions: recorded, looked up and listed as messages."""

from collections.abc import Collection, Sequence

from pipelines.store import message_list, predictions, review
from pipelines.store.fast_recording import PredictionWriter
from pipelines.store.message_list import Message
from pipelines.store.predictions import Prediction
from pipelines.store.store_part import StorePart
from pipelines.store.votes import ANY_LABEL, AllowedCells


class PredictionStore(StorePart):
    """The predictions of a database, alone and with the feedback on them."""

    def record(self, answers: Sequence[Prediction]) -> None:
        """Record predictions, all or none."""
        self._write_fast(predictions.record, answers)

    def prediction_writer(self) -> PredictionWriter:
        """A writer for one thread that records predictions all the time."""
        return PredictionWriter(self._engine)

    def prediction(self, id: str) -> Prediction | None:
        """The prediction with this id, or None."""
        return self._read(predictions.find, id)

    def answered_keys(self, model: str) -> set[str]:
        """The keys of all texts that the model has answered."""
        return self._read(predictions.answered_keys, model)

    def without_feedback(self, model: str) -> dict[str, str]:
        """For each text without feedback, the id of its prediction, by key."""
        return self._read(predictions.without_feedback, model)

    def messages(
        self,
        model: str,
        limit: int,
        before: str | None,
        others: Collection[str],
        vocabulary: AllowedCells = ANY_LABEL,
    ) -> list[Message]:
        """The newest messages of a model, or the next older than `before`; raises UnknownPrediction."""
        with self._engine.connect() as connection:
            answers = message_list.page(connection, model, limit, before)
            return message_list.with_feedback(connection, answers, others, vocabulary)

    def review(
        self, model: str, limit: int, others: Collection[str], vocabulary: AllowedCells = ANY_LABEL
    ) -> list[Message]:
        """The review queue, the most useful message first; `vocabulary` has the labels that may be learnt."""
        with self._engine.connect() as connection:
            answers = review.queue(connection, model, limit, vocabulary)
            return message_list.with_feedback(connection, answers, others, vocabulary)
