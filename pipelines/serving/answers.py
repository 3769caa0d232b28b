"""From raw texts to kept predictions: normalise, mask, ask the champion unless it is paused, record."""

from collections.abc import Sequence

from anyio import to_thread

from pipelines.inference.occlusion import Word, words
from pipelines.ingestion.text import digest, normalise
from pipelines.ledger import Entry
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.champions import Champion
from pipelines.serving.pauses import instead
from pipelines.serving.service import Service
from pipelines.store.predictions import Prediction


class Blank(ValueError):
    """Texts without a visible character; `places` are their indices."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("a text needs at least one visible character")
        self.places = places


async def ask(
    service: Service, champion: Champion, texts: Sequence[str], customer: str | None = None
) -> list[Prediction]:
    """The champion's predictions, as soon as a core is free; raises Blank."""
    return await to_thread.run_sync(answer, service, champion, texts, customer, limiter=service.cores)


async def explain(service: Service, champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    """The words that mattered for each answer, as soon as a core is free."""
    author = service.trials.author(champion, predictions)
    return await to_thread.run_sync(_why, author, predictions, limiter=service.cores)


def answer(service: Service, champion: Champion, texts: Sequence[str], customer: str | None) -> list[Prediction]:
    """The champion's predictions, recorded before they are given; raises Blank."""
    said = [normalise(text) for text in texts]
    if blank := [place for place, text in enumerate(said) if not text]:
        raise Blank(blank)
    known = customer and customer_hash(customer, service.customer_key)
    pause = service.pauses.entries.get(champion.entry.model)

    def ask(one: Champion) -> list[Prediction]:
        return _predictions(one, pause, said, known)

    predictions = ask(champion) if pause else service.trials.ask(champion, known, ask)
    service.store.record(predictions)
    service.metrics.count(predictions)
    service.trials.copy(predictions)
    return predictions


def _predictions(
    champion: Champion, pause: Entry | None, said: Sequence[str], customer: str | None
) -> list[Prediction]:
    entry, packaged = champion.entry, champion.packaged
    masked = [mask(text, packaged.keep_handles) for text in said]
    answers = [instead(pause)] * len(said) if pause else packaged.predict(masked)
    return [
        Prediction(entry.model, entry.version, digest(raw), text, customer=customer, **vars(one))
        for raw, text, one in zip(said, masked, answers, strict=True)
    ]


def _why(champion: Champion, predictions: Sequence[Prediction]) -> list[list[Word]]:
    # A model that was paused was not asked, and has no scores: nothing mattered.
    return [words(champion.packaged, one.text, one.label) if one.scores else [] for one in predictions]
