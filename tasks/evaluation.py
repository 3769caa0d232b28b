"""Judge what would be served, in a service of its own, beside what is served now."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog import ModelSpec
from pipelines.evaluation.judging import CHALLENGER, CHAMPION, Verdict, flips, judge
from pipelines.evaluation.picture import confusion_picture, reliability_picture
from pipelines.evaluation.recent import recent
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.trial import trial
from pipelines.inference.artefact import BrokenPackage, open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import Snapshot, found, read
from pipelines.ledger import Entry, Ledger
from pipelines.promotion.evidence import kept
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings
from pipelines.store.store import Store


@task(cache_policy=NO_CACHE, timeout_seconds=3600)
def evaluate(
    version: ModelVersion, corpus: Corpus, spec: ModelSpec, settings: Settings, *, alone: bool = False
) -> Scorecard:
    """Champion and challenger on the same texts, asked over HTTP; keep the evidence, publish table and pictures.

    `alone` goes on without a champion whose package is broken: a person overrides.
    """
    train, test, store = read(_learnt(version, corpus, settings)), read(corpus.test), Store(settings.database)
    uses = store.use(corpus.test.digest, spec.name, f"version {version.version}")
    lessons = recent(store.learnable(spec.name, spec.labels), train, test)
    work, cache = settings.home / "trials" / spec.name, str(settings.home / "cache" / "evaluate")
    with trial(_contestants(version, spec, settings, alone), settings.home, work) as contest:
        verdict = judge(spec, train, test, lessons, contest, cache)
    folder = f"{settings.storage}/evidence/{spec.name}"
    card = replace(verdict.card, uses=uses)
    card = replace(card, evidence=kept(card, verdict.answers, (corpus.test,), folder))
    create_table_artifact(key=f"scorecard-{spec.name}", table=card.table(), description=f"version {version.version}")
    Registry(settings).attach(version, card.figures(), _files(verdict, test, version, settings), {})
    return card


def _learnt(version: ModelVersion, corpus: Corpus, settings: Settings) -> Snapshot:
    """What this version learnt from, which may be older than the corpus; the corpus where that is gone."""
    return found(f"{settings.storage}/snapshots/{version.name}", version.snapshot) or corpus.train


def _contestants(version: ModelVersion, spec: ModelSpec, settings: Settings, alone: bool) -> dict[str, tuple[str, str]]:
    champion = Ledger(settings.ledger).champion(spec.name)
    contestants = {CHALLENGER: (version.location, version.digest)}
    if champion and champion.version != version.version and not (alone and _broken(champion, settings)):
        contestants[CHAMPION] = (champion.location, champion.digest)
    return contestants


def _broken(champion: Entry, settings: Settings) -> bool:
    try:
        open_package(champion.location, champion.digest, settings.home / "cache" / "packages")
    except BrokenPackage:
        return True
    return False


def _files(verdict: Verdict, test: pd.DataFrame, version: ModelVersion, settings: Settings) -> list[Path]:
    """Pictures, the texts that were lost, and the labels that look like errors, for people."""
    folder = settings.scorecards / version.name / str(version.version)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"flips.csv": flips(verdict, test), "label-errors.csv": verdict.suspects}
    for name, table in tables.items():
        table.to_csv(folder / name, index=False)
    pictures = [confusion_picture(verdict.card, folder / "confusion.png")]
    if verdict.card.trust:
        pictures.append(reliability_picture(verdict.card.trust, folder / "reliability.png"))
    return [*pictures, *(folder / name for name in tables)]
