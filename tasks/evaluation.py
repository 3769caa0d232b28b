"""Judge what would be served, in a service of its own, beside what is served now."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.case import CHALLENGER, CHAMPION
from pipelines.evaluation.scorecard import Scorecard
from pipelines.home.workspace import Workspace
from pipelines.inference.artefact import BrokenPackage, open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import Snapshot, found, read
from pipelines.kinds.known import find
from pipelines.kinds.report import table
from pipelines.ledger.entry import Entry
from pipelines.promotion.keeping import kept
from pipelines.registry.version import ModelVersion
from pipelines.store.labelled_feedback import LabelledText
from tasks.progress import spoken

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.evaluation.version_evaluation import EvaluationResult


@task(task_run_name="evaluate", cache_policy=NO_CACHE, timeout_seconds=3600)
@spoken
def evaluate(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    workspace: Workspace,
    lessons: Sequence[LabelledText],
    *,
    alone: bool = False,
) -> Scorecard:
    """Champion and challenger on the same texts, asked over HTTP; keep the evidence, publish table and pictures.

    `lessons` are all that feedback teaches, of which those that are recent and held out are asked too. `alone` goes on
    without a champion whose package is broken: a person overrides.
    """
    from pipelines.evaluation.isolated_service import isolated_service
    from pipelines.evaluation.recent_feedback import recent, texts_and_labels
    from pipelines.evaluation.version_evaluation import evaluate_version

    train, test = read(_learnt(version, corpus, workspace)), read(corpus.test)
    uses = workspace.store.use(corpus.test.digest, spec.name, f"version {version.version}")
    held_out = recent(lessons, spec.target, train, test)
    work, cache = workspace.home / "trials" / spec.name, str(workspace.files.cache / "evaluate")
    with isolated_service(_contestants(version, spec, workspace, alone), workspace.home, work) as contest:
        verdict = evaluate_version(spec, train, test, held_out, contest, cache)
    folder = workspace.files.evidence(spec.name)
    card = replace(verdict.card, uses=uses)
    tables = (verdict.answers, *([texts_and_labels(held_out)] if held_out else []))
    card = replace(card, evidence=kept(card, tables, (corpus.test,), folder))
    about = f"Scorecard of {spec.name} version {version.version} on {card.rows:,} held-out messages, 95% intervals"
    report = find(spec.kind).report
    rows = table(report.contestants(card)) or [measure.shown() for measure in card.measures]
    create_table_artifact(key=f"scorecard-{spec.name}", table=rows, description=about)
    files = [*_files(verdict, test, version, workspace), *report.pictures(card, _folder(version, workspace))]
    workspace.registry.attach(version, card.figures(), files, {})
    return card


def _learnt(version: ModelVersion, corpus: Corpus, workspace: Workspace) -> Snapshot:
    """What this version learnt from, which may be older than the corpus; the corpus where that is gone."""
    return found(workspace.files.snapshots(version.name), version.snapshot) or corpus.train


def _contestants(
    version: ModelVersion, spec: ModelSpec, workspace: Workspace, alone: bool
) -> dict[str, tuple[str, str]]:
    champion = workspace.ledger.champion(spec.name)
    contestants = {CHALLENGER: (version.location, version.digest)}
    if champion and champion.version != version.version and not (alone and _broken(champion, workspace)):
        contestants[CHAMPION] = (champion.package, champion.digest)
    return contestants


def _broken(champion: Entry, workspace: Workspace) -> bool:
    try:
        open_package(champion.package, champion.digest, workspace.files.packages)
    except BrokenPackage:
        return True
    return False


def _files(
    verdict: "EvaluationResult", test: "pd.DataFrame", version: ModelVersion, workspace: Workspace
) -> list[Path]:
    """The texts that were lost, and what else people should look through."""
    from pipelines.evaluation.version_evaluation import flips

    folder = _folder(version, workspace)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"flips.csv": flips(verdict, test), **verdict.tables}
    for name, frame in tables.items():
        frame.to_csv(folder / name, index=False)
    return [folder / name for name in tables]


def _folder(version: ModelVersion, workspace: Workspace) -> Path:
    return workspace.files.scorecards / version.name / str(version.version)
