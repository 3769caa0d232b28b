"""From raw texts to kept predictions: normalise, mask, ask the champion unless it is paused, record."""

from collections.abc import Sequence
from functools import partial

from pipelines.inference.occlusion import Word, words
from pipelines.inference.packaged import Answer
from pipelines.ingestion.text import digest, normalise
from pipelines.ledger import Entry
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.champions import Champion
from pipelines.serving.pauses import instead
from pipelines.serving.service import Service
from pipelines.store.predictions import Prediction

# Texts that one thread answers before another request's turn comes.
TURN = 4


class Blank(ValueError):
    """Texts without a visible character; `places` are their indices."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("a text needs at least one visible character")
        self.places = places


async def ask(
    service: Service, champion: Champion, texts: Sequence[str], customer: str | None = None
) -> list[Prediction]:
    """The champion's predictions, recorded before they are given; raises Blank."""
    known = customer and customer_hash(customer, service.customer_key)
    pause = service.pauses.entries.get(champion.entry.model)
    turns = (texts[at : at + TURN] for at in range(0, len(texts), TURN))
    parts = [partial(_predictions, champion, pause, turn, known) for turn in turns]
    found = [one for turn in await service.workers.run(parts) for one in turn]
    predictions = [one for one in found if one is not None]
    if len(predictions) < len(texts):
        raise Blank([place for place, one in enumerate(found) if one is None])
    await service.recorder.keep(predictions)
    service.metrics.count(predictions)
    return predictions


async def explain(service: Service, champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    """The words that mattered for each answer."""
    return await service.workers.run([partial(_why, champion, one) for one in predictions])


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
