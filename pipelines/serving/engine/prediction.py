"""Prediction: raw texts are prepared, answered by the champion unless it is paused, and recorded."""

import math
from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from pipelines.inference.explanation import MAX_PARTS, WordWeight, explain_label
from pipelines.ingestion.text import digest
from pipelines.kinds.kind import Answer
from pipelines.ledger.entry import EventEntry
from pipelines.ledger.events import Pause
from pipelines.masking.identity import customer_hash
from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.preprocessing import PreparedText, is_cheap, prepare
from pipelines.serving.engine.unanswerable import NonFiniteScore
from pipelines.serving.engine.worker_threads import BUSY, Overloaded
from pipelines.serving.models.champions import AnsweredText, Champion
from pipelines.serving.models.ledger_reader import pause_answer
from pipelines.serving.models.served import ServedVersion
from pipelines.serving.service import Service
from pipelines.store.predictions import Prediction

# Texts of one part, after which the thread turns to another request; one if a text has more than LONG characters.
PART_TEXTS, LONG = 4, 1000


async def predict(
    service: Service, champion: Champion, texts: Sequence[str], customer: str | None = None
) -> list[Prediction]:
    """The predictions of the champion, or of its canary, recorded before they are returned.

    Raises Overloaded, EmptyText and StoreUnavailable.
    """
    service.health.require_available()
    hashed_customer = customer and customer_hash(customer, service.customer_key)
    pause = service.pauses.entries.get(champion.entry.model)
    size = max(PART_TEXTS, champion.packaged.batch) if max(map(len, texts)) <= LONG else 1

    async def run(version: Champion) -> list[Prediction]:
        prepared = await prepare(service.workers, version.packaged, texts, tokenised=not pause)
        # Sorted by length: a batch costs as much as its longest text.
        order = sorted(range(len(prepared)), key=lambda index: len(prepared[index].tokens))
        parts = [[prepared[index] for index in order[start : start + size]] for start in range(0, len(order), size)]
        answer = partial(_paused_answers, pause, version.packaged.kind) if pause else version.answer
        combine = partial(_to_predictions, version.entry, hashed_customer, order)
        lengths = [len(part[-1].tokens) for part in parts]
        job = InferenceJob(answer, parts, combine, lengths=lengths, batch_size=size, recorded=True)
        # Texts that were prepared in a thread have waited once already.
        return await service.workers.run(job, priority=not is_cheap(texts))

    # Checked again: other requests may have arrived since the headers were admitted.
    if service.workers.busy:
        raise Overloaded(BUSY)
    with service.workers.admitted(min(size, len(texts))):
        predictions = await (run(champion) if pause else service.rollouts.predict(champion, hashed_customer, run))
    service.metrics.count(predictions, champion.packaged.target)
    service.rollouts.copy_to_shadow(predictions)
    return predictions


async def explain(service: Service, champion: Champion, predictions: Sequence[Prediction]) -> list[list[WordWeight]]:
    """The most influential words of each answer."""
    author = service.rollouts.author(champion, predictions)
    parts = [[prediction] for prediction in predictions]
    with service.workers.admitted(MAX_PARTS):
        return await service.workers.run(InferenceJob(partial(_explain, author), parts, list, texts=MAX_PARTS))


def _paused_answers(pause: EventEntry[Pause], kind: str, texts: Sequence[PreparedText]) -> list[AnsweredText]:
    """The fixed answers of a paused model."""
    return [(text, pause_answer(pause, kind)) for text in texts]


def _to_predictions(
    entry: ServedVersion, customer: str | None, order: Sequence[int], answered: Sequence[AnsweredText]
) -> list[Prediction]:
    """Predictions in the order of the request, from answers in the order of text lengths. Raises NonFiniteScore."""
    in_order = [pair for _, pair in sorted(zip(order, answered, strict=True), key=itemgetter(0))]
    predictions = [_prediction(entry, customer, text, answer) for text, answer in in_order]
    if not all(row.score is None or math.isfinite(row.score) for row in predictions):
        raise NonFiniteScore("the model returned a score that is not a finite number")
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
        truncated=text.truncated,
    )


def _explain(champion: Champion, predictions: Sequence[Prediction]) -> list[list[WordWeight]]:
    # A paused model has no scores, so its answers have no explanation.
    def explain_row(row: Prediction) -> list[WordWeight]:
        return explain_label(champion.packaged, row.text, row.label) if row.payload and row.label else []

    return [explain_row(row) for row in predictions]
