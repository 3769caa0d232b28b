"""From raw texts to kept predictions: normalise, mask, ask the champion, record."""

from collections.abc import Sequence

from pipelines.ingestion.text import digest, normalise
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.champions import Champion
from pipelines.serving.service import Service
from pipelines.store.predictions import Prediction


class Blank(ValueError):
    """Texts without a visible character; `places` are their indices."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("a text needs at least one visible character")
        self.places = places


def answer(service: Service, champion: Champion, texts: Sequence[str], customer: str | None) -> list[Prediction]:
    """The champion's predictions, recorded before they are given; raises Blank."""
    said = [normalise(text) for text in texts]
    if blank := [place for place, text in enumerate(said) if not text]:
        raise Blank(blank)
    predictions = _predictions(champion, said, customer and customer_hash(customer, service.customer_key))
    service.store.record(predictions)
    for prediction in predictions:
        service.metrics.predictions.labels(prediction.model, prediction.version, prediction.label).inc()
    return predictions


def _predictions(champion: Champion, said: Sequence[str], customer: str | None) -> list[Prediction]:
    entry, packaged = champion.entry, champion.packaged
    masked = [mask(text, packaged.keep_handles) for text in said]
    return [
        Prediction(entry.model, entry.version, digest(raw), text, one.label, one.score, one.scores, customer)
        for raw, text, one in zip(said, masked, packaged.predict(masked), strict=True)
    ]
