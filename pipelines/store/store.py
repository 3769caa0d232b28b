"""The one door to predictions, feedback and keys."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from pipelines.kinds.target import Target
from pipelines.store import feedback_rows as reactions
from pipelines.store import (
    keys,
    labelled_feedback,
    ledger_heads,
    message_list,
    predictions,
    ratings,
    review,
    rollout_counts,
    test_set_uses,
)
from pipelines.store.checkpoints import Checkpoints
from pipelines.store.database import BUSY_SECONDS, database_file, open_database, stay_open, writing
from pipelines.store.fast_recording import Recording
from pipelines.store.feedback_cleanup import Labels
from pipelines.store.feedback_rows import UNKNOWN, Feedback, Origin, Receipt
from pipelines.store.keyring import RELIED_SECONDS, Keyring
from pipelines.store.keys import Key
from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.ledger_heads import Head
from pipelines.store.message_list import Message
from pipelines.store.predictions import Prediction
from pipelines.store.ratings import Ratings
from pipelines.store.rollout_counts import Opinion, Shadow, Tallies
from pipelines.store.tables import VERSIONS
from pipelines.store.votes import ANY, Sender, Vocabulary, given


class Store:
    """Predictions, feedback and keys at a SQLAlchemy address.

    What a method has kept when it returns outlives this process; feedback outlives a power cut as well. A method that
    finds the database locked waits `patience` seconds. All of them raise DatabaseFault where it cannot be used.
    """

    def __init__(self, url: str, patience: float = BUSY_SECONDS) -> None:
        self._engine = open_database(url, patience)
        self._kept_open = stay_open(self._engine)

    @property
    def file(self) -> Path | None:
        """Where it lies, of SQLite."""
        return database_file(self._engine)

    def record(self, answers: Sequence[Prediction]) -> None:
        """Keep answers, all or none."""
        with writing(self._engine, durable=False) as connection:
            predictions.record(connection, answers)

    def recording(self) -> Recording:
        """For a thread that records all the time."""
        return Recording(self._engine)

    def checkpoints(self) -> Checkpoints:
        """For a thread that looks now and then, so that nobody's answer waits for the disk."""
        return Checkpoints(self._engine)

    def prediction(self, id: str) -> Prediction | None:
        """The answer that was given that id."""
        with self._engine.connect() as connection:
            return predictions.find(connection, id)

    def answered(self, model: str) -> set[str]:
        """Keys of every text the model has answered."""
        with self._engine.connect() as connection:
            return predictions.answered(connection, model)

    def silent(self, model: str) -> dict[str, str]:
        """The id of the answer, by key, for every text that nobody gave feedback on."""
        with self._engine.connect() as connection:
            return predictions.silent(connection, model)

    def add(self, feedback: Feedback, idempotency_key: str | None = None, origin: Origin = UNKNOWN) -> Receipt:
        """Keep feedback once per key; raises `UnknownPrediction`, and `KeyReused` for a key of other feedback.

        Raises AnswerFull and SenderFull where there is too much of it.
        """
        try:
            return self._add(feedback, idempotency_key, origin)
        except IntegrityError:
            # PostgreSQL lets two senders of one key look at the same time: the second finds the first's row now.
            return self._add(feedback, idempotency_key, origin)

    def undo(self, feedback: int) -> datetime:
        """Take feedback back for good; when that was. Raises UnknownFeedback."""
        with writing(self._engine) as connection:
            return reactions.undo(connection, feedback)

    def messages(
        self,
        model: str,
        limit: int,
        before: str | None,
        others: Collection[str],
        vocabulary: Vocabulary = ANY,
    ) -> list[Message]:
        """The newest answers of a model, or those next older than `before`; raises UnknownPrediction."""
        with self._engine.connect() as connection:
            return message_list.told(
                connection, message_list.page(connection, model, limit, before), others, vocabulary
            )

    def review(self, model: str, limit: int, others: Collection[str], vocabulary: Vocabulary = ANY) -> list[Message]:
        """The messages to label next, the most useful first; `vocabulary` has the labels that may be learnt."""
        with self._engine.connect() as connection:
            return message_list.told(connection, review.queue(connection, model, limit, vocabulary), others, vocabulary)

    def vocabulary(self, model: str, target: Target) -> Vocabulary:
        """The cells that may be taught: those that the target lists, or all given ones but those it reads otherwise."""
        if target.cells is not None:
            return Vocabulary(target.cells)
        with self._engine.connect() as connection:
            read = {cell: target.read(cell) for cell in given(connection, model)}
        return Vocabulary(otherwise={cell: now for cell, now in read.items() if now != cell})

    def waiting(self, model: str, vocabulary: Vocabulary, after: int) -> int:
        """How many texts were taught a label since the feedback row `after`."""
        with self._engine.connect() as connection:
            return labelled_feedback.waiting(connection, model, vocabulary, after)

    def ratings(self, model: str) -> Ratings:
        """How content people said they were with the answers of a model."""
        with self._engine.connect() as connection:
            return ratings.ratings(connection, model)

    def learnable(self, model: str, vocabulary: Vocabulary, without: Sender | None = None) -> list[LabelledText]:
        """One lesson per text that people gave a label of `vocabulary`, in the order it was taught."""
        with self._engine.connect() as connection:
            return labelled_feedback.learnable(connection, model, vocabulary, without)

    def ties(self, model: str, vocabulary: Vocabulary, without: Sender | None = None) -> int:
        """How many texts have as many votes for one label as for another, so that none is learnt."""
        with self._engine.connect() as connection:
            return labelled_feedback.ties(connection, model, vocabulary, without)

    def labels(self) -> Labels:
        """The feedback rows for whoever cleans up among them."""
        return Labels(self._engine)

    def count_feedback(self, model: str, after: int = 0) -> int:
        """How many feedback rows younger than the row `after` teach a label."""
        with self._engine.connect() as connection:
            return labelled_feedback.count(connection, model, after)

    def last_feedback(self, model: str) -> int:
        """The id of the youngest feedback row that teaches a label, 0 before the first."""
        with self._engine.connect() as connection:
            return labelled_feedback.last(connection, model)

    def tally(self, trial: str, tallies: Tallies) -> None:
        """Count on in a trial."""
        with writing(self._engine, durable=False) as connection:
            rollout_counts.add(connection, trial, tallies)

    def tallied(self, trial: str) -> Tallies:
        """What was counted in a trial."""
        with self._engine.connect() as connection:
            return rollout_counts.counted(connection, trial)

    def shade(self, answers: Sequence[Shadow]) -> None:
        """Keep what a shadow answered."""
        with writing(self._engine, durable=False) as connection:
            rollout_counts.shade(connection, answers)

    def heard(self, since: datetime) -> tuple[int, int, int]:
        """How much feedback there is `since` then, and how much of it was taken back or set aside."""
        with self._engine.connect() as connection:
            return rollout_counts.heard(connection, since)

    def opinions(self, model: str, since: datetime) -> list[Opinion]:
        """What customers said of answers given `since` then, and did not take back."""
        with self._engine.connect() as connection:
            return rollout_counts.opinions(connection, model, since)

    def use(self, split: str, model: str, purpose: str) -> int:
        """Write down that a held-out split is looked at; how often it was, with this time."""
        with writing(self._engine) as connection:
            return test_set_uses.use(connection, split, model, purpose)

    def uses(self, split: str) -> list[tuple[datetime, str]]:
        """When and for what a split was looked at, in order."""
        with self._engine.connect() as connection:
            return test_set_uses.listed(connection, split)

    def touch(self) -> None:
        """Write what is there once more: raises DatabaseFault where nothing could be kept."""
        with writing(self._engine, durable=False) as connection:
            connection.execute(update(VERSIONS).values(version_num=VERSIONS.c.version_num))

    def head(self, key: bytes) -> Head | None:
        """How far the ledger went that is signed with this key, as far as this database has seen."""
        with self._engine.connect() as connection:
            return ledger_heads.find(connection, key)

    def mourn(self, key: bytes, head: Head, since: datetime) -> None:
        """Remember that this database is new, though a ledger went that far, if it keeps nothing of before `since`."""
        with writing(self._engine) as connection:
            ledger_heads.mourn(connection, key, head, since)

    def lost(self, key: bytes) -> int:
        """How many entries the ledger had when this database was made anew; 0 where it never was."""
        with self._engine.connect() as connection:
            return ledger_heads.lost(connection, key)

    def accept_loss(self, key: bytes) -> None:
        """Let a database that was made anew count as whole."""
        with writing(self._engine) as connection:
            ledger_heads.accept(connection, key)

    def see(self, key: bytes, head: Head) -> None:
        """Remember how far the ledger went that is signed with this key, unless it was seen to go farther."""
        with writing(self._engine) as connection:
            ledger_heads.see(connection, key, head)

    def forget_head(self, key: bytes) -> None:
        """Forget how far the ledger went that is signed with this key: an older one was put back on purpose."""
        with writing(self._engine) as connection:
            ledger_heads.forget(connection, key)

    def needs_key(self) -> bool:
        """Whether anything here is worth nothing without the key of the home that wrote it."""
        with self._engine.connect() as connection:
            return ledger_heads.keyed(connection)

    def create_key(self, name: str, scopes: Sequence[str]) -> str:
        """Make an API key; its secret, which cannot be shown again. Raises RefusedKey."""
        with self._settled() as connection:
            return keys.create(connection, name, scopes)

    def issued(self) -> list[Key]:
        """Every API key there ever was, the newest last."""
        with self._engine.connect() as connection:
            return keys.listed(connection)

    def rotate_key(self, name: str) -> str:
        """A new secret for a key; the old one counts no more. Raises UnknownKey."""
        with self._settled() as connection:
            return keys.rotate(connection, name)

    def revoke_key(self, name: str) -> None:
        """Let a key count no more. Raises UnknownKey."""
        with self._settled() as connection:
            keys.revoke(connection, name)

    def keyring(self) -> Keyring:
        """What tells who asks; on SQLite for the thread that opened this store."""
        return Keyring(self._engine, self._kept_open)

    @contextmanager
    def _settled(self) -> Iterator[Connection]:
        """For a change of the keys: comes back when it counts in every service."""
        with writing(self._engine) as connection:
            yield connection
        time.sleep(RELIED_SECONDS)

    def _add(self, feedback: Feedback, idempotency_key: str | None, origin: Origin) -> Receipt:
        with writing(self._engine) as connection:
            return reactions.add(connection, feedback, idempotency_key, origin)
