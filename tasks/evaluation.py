"""Score what would be served, in a fresh process, beside what is served now."""

from dataclasses import replace

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog import ModelSpec
from pipelines.evaluation.picture import confusion_picture
from pipelines.evaluation.scorecard import Scorecard, scorecard
from pipelines.inference.fresh import answers
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import read
from pipelines.ledger import Ledger
from pipelines.promotion.evidence import kept
from pipelines.registry import ModelVersion, Registry
from pipelines.settings import Settings


@task(cache_policy=NO_CACHE, timeout_seconds=3600)
def evaluate(version: ModelVersion, corpus: Corpus, spec: ModelSpec, settings: Settings) -> Scorecard:
    """Champion and challenger on the same held-out texts; publish table, picture and figures."""
    champion = Ledger(settings.ledger).champion(spec.name)
    contestants = {"challenger": (version.location, version.digest)}
    if champion and champion.version != version.version:
        contestants["champion"] = (champion.location, champion.digest)
    test = read(corpus.test)
    found = {
        who: answers(location, digest, test["text"].tolist(), settings.home)
        for who, (location, digest) in contestants.items()
    }
    card = scorecard(spec, test, read(corpus.train), found, str(settings.home / "cache" / "evaluate"))
    answered = test[["key", "label"]].assign(**found)
    card = replace(card, evidence=kept(card, answered, (corpus.test,), f"{settings.storage}/evidence/{spec.name}"))
    create_table_artifact(key=f"scorecard-{spec.name}", table=card.table(), description=f"version {version.version}")
    folder = settings.home / "scorecards" / spec.name / str(version.version)
    folder.mkdir(parents=True, exist_ok=True)
    picture = confusion_picture(card, folder / "confusion.png")
    Registry(settings).attach(version, card.figures(), [picture], {})
    return card
