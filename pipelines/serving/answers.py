"""From raw texts to kept predictions: normalise, mask, ask the champion unless it is paused, record."""

import math
from collections.abc import Sequence
from functools import partial

from pipelines.inference.occlusion import PARTS, Word, words
from pipelines.inference.packaged import Answer
from pipelines.ingestion.text import digest, normalise
from pipelines.ledger import Entry
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.champions import Champion
from pipelines.serving.pauses import instead
from pipelines.serving.service import Service
from pipelines.serving.unsaid import Blank, Unsound
from pipelines.serving.workers import Task
from pipelines.store.predictions import Prediction

# Texts that one thread answers before another request's turn comes; one, where some have more characters than LONG.
TURN, LONG = 4, 1000


async def ask(
    service: Service, champion: Champion, texts: Sequence[str], customer: str | None = None
) -> list[Prediction]:
    """The champion's predictions, or its canary's, recorded before they are given; raises Blank."""
    known = customer and customer_hash(customer, service.customer_key)
    pause = service.pauses.entries.get(champion.entry.model)
    size = max(TURN, champion.packaged.batch) if max(map(len, texts)) <= LONG else 1
    turns = [texts[at : at + size] for at in range(0, len(texts), size)]

    async def answers(one: Champion) -> list[Prediction]:
        parts = [partial(_predictions, one, pause, turn, known) for turn in turns]
        return await service.workers.run(Task(parts, min(size, len(texts)), _whole, kept=True))

    predictions = await (answers(champion) if pause else service.trials.ask(champion, known, answers))
    service.metrics.count(predictions)
    service.trials.copy(predictions)
    return predictions


async def explain(service: Service, champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    """The words that mattered for each answer."""
    author = service.trials.author(champion, predictions)
    return await service.workers.run(Task([partial(_why, author, one) for one in predictions], PARTS, list))


def _whole(turns: list[list[Prediction | None]]) -> list[Prediction]:
    found = [one for turn in turns for one in turn]
    if blank := [place for place, one in enumerate(found) if one is None]:
        raise Blank(blank)
    if not all(math.isfinite(one.score) for one in found if one):
        raise Unsound("a score is no number")
    return [one for one in found if one]


def _predictions(
    champion: Champion, pause: Entry | None, texts: Sequence[str], customer: str | None
) -> list[Prediction | None]:
    """In the order of the texts; None for a blank one."""
    entry, packaged = champion.entry, champion.packaged
    said = [normalise(text) for text in texts]
    masked = [mask(text, packaged.keep_handles) for text in said if text]
    answers = [instead(pause)] * len(masked) if pause else champion.memory.predict(masked)
    found = iter(zip(masked, answers, strict=True))
    return [_prediction(entry, raw, *next(found), customer) if raw else None for raw in said]


def _prediction(entry: Entry, raw: str, masked: str, answer: Answer, customer: str | None) -> Prediction:
    return Prediction(
        entry.model,
        entry.version,
        digest(raw),
        masked,
        answer.label,
        answer.score,
        answer.scores,
        customer,
        abstained=answer.abstained,
    )


def _why(champion: Champion, prediction: Prediction) -> list[Word]:
    # A model that was paused was not asked, and has no scores: nothing mattered.
    return words(champion.packaged, prediction.text, prediction.label) if prediction.scores else []
