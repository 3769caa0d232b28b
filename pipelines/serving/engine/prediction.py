"""From raw texts to kept predictions: normalise, mask, ask the champion unless it is paused, record."""

import math
from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from pipelines.inference.explanation import PARTS, Word, words
from pipelines.ingestion.text import digest
from pipelines.kinds.kind import Answer
from pipelines.ledger.entry import Record
from pipelines.ledger.events import Pause
from pipelines.masking.identity import customer_hash
from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.preprocessing import PreparedText, is_cheap, prepare
from pipelines.serving.engine.unanswerable import NonFiniteScore
from pipelines.serving.engine.worker_threads import BUSY, Overloaded
from pipelines.serving.models.champions import Champion, Said
from pipelines.serving.models.pauses import pause_answer
from pipelines.serving.models.served import ServedVersion
from pipelines.serving.service import Service
from pipelines.store.predictions import Prediction

# Texts that one thread answers before another request's turn comes; one, where some have more characters than LONG.
TURN, LONG = 4, 1000


async def predict(
    service: Service, champion: Champion, texts: Sequence[str], customer: str | None = None
) -> list[Prediction]:
    """The champion's predictions, or its canary's, recorded before they are returned.

    Raises Overloaded, EmptyText and StoreUnavailable.
    """
    service.health.require()
    known = customer and customer_hash(customer, service.customer_key)
    pause = service.pauses.entries.get(champion.entry.model)
    size = max(TURN, champion.packaged.batch) if max(map(len, texts)) <= LONG else 1

    async def answers(one: Champion) -> list[Prediction]:
        said = await prepare(service.workers, one.packaged, texts, asked=not pause)
        # Like lengths together: what is shorter than the longest of a batch waits for it.
        order = sorted(range(len(said)), key=lambda place: len(said[place].tokens))
        parts = [[said[place] for place in order[at : at + size]] for at in range(0, len(said), size)]
        answer = partial(_paused_answers, pause, one.packaged.kind) if pause else one.answer
        whole, lengths = partial(_to_predictions, one.entry, known, order), [len(part[-1].tokens) for part in parts]
        task = InferenceJob(answer, parts, whole, lengths=lengths, together=size, kept=True)
        # Who waited to be read has waited for a turn.
        return await service.workers.run(task, first=not is_cheap(texts))

    # Once more: since its head was let in, others may have come.
    if service.workers.busy:
        raise Overloaded(BUSY)
    with service.workers.counted(min(size, len(texts))):
        predictions = await (answers(champion) if pause else service.trials.ask(champion, known, answers))
    service.metrics.count(predictions, champion.packaged.target)
    service.trials.copy(predictions)
    return predictions


async def explain(service: Service, champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    """The words that mattered for each answer."""
    author = service.trials.author(champion, predictions)
    parts = [[one] for one in predictions]
    with service.workers.counted(PARTS):
        return await service.workers.run(InferenceJob(partial(_why, author), parts, list, texts=PARTS))


def _paused_answers(pause: Record[Pause], kind: str, texts: Sequence[PreparedText]) -> list[Said]:
    """What is said instead of the champion's answers."""
    return [(one, pause_answer(pause, kind)) for one in texts]


def _to_predictions(
    entry: ServedVersion, customer: str | None, order: Sequence[int], found: Sequence[Said]
) -> list[Prediction]:
    """In the order of the question, where they were found in another."""
    said = [one for _, one in sorted(zip(order, found, strict=True), key=itemgetter(0))]
    predictions = [_prediction(entry, customer, *one) for one in said]
    if not all(one.score is None or math.isfinite(one.score) for one in predictions):
        raise NonFiniteScore("a score is no number")
    return predictions


def _prediction(entry: ServedVersion, customer: str | None, text: PreparedText, answer: Answer) -> Prediction:
    return Prediction(
        entry.model,
        entry.version,
        digest(text.raw),
        text.masked,
        answer.label,
        answer.score,
        answer.payload,
        customer,
        abstained=answer.abstained,
        kind=answer.kind,
    )


def _why(champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    # A model that was paused was not asked, and has no scores: nothing mattered.
    return [words(champion.packaged, one.text, one.label) if one.payload and one.label else [] for one in predictions]
