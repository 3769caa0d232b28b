"""The task that evaluates a version and the champion in an isolated service."""

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
from pipelines.inference.artefact import BrokenPackage, open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import Snapshot, find_snapshot, read
from pipelines.kinds.known import find_kind
from pipelines.kinds.report import table
from pipelines.ledger.entry import Entry
from pipelines.promotion.evidence import save_evidence
from pipelines.registry.version import ModelVersion
from pipelines.store.labelled_feedback import LabelledText
from pipelines.workspace.workspace import Workspace
from tasks.progress import with_progress_lines

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.evaluation.version_evaluation import EvaluationResult


@task(task_run_name="evaluate", cache_policy=NO_CACHE, timeout_seconds=3600)
@with_progress_lines
def evaluate(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    workspace: Workspace,
    labelled: Sequence[LabelledText],
    *,
    alone: bool = False,
) -> Scorecard:
    """Evaluate challenger and champion on the same texts over HTTP; save the evidence, publish table and pictures.

    `labelled` is all labelled feedback; its recent and held-out texts are evaluated too. With `alone`, a champion whose
    package is broken is left out, because a person overrides.
    """
    from pipelines.evaluation.isolated_service import isolated_service
    from pipelines.evaluation.recent_feedback import select_recent, texts_and_labels
    from pipelines.evaluation.version_evaluation import evaluate_version

    train, test = read(_learnt(version, corpus, workspace)), read(corpus.test)
    uses = workspace.store.record_test_set_use(corpus.test.digest, spec.name, f"version {version.version}")
    held_out = select_recent(labelled, spec.target, train, test)
    work, cache = workspace.home / "trials" / spec.name, str(workspace.files.cache / "evaluate")
    with isolated_service(_contestants(version, spec, workspace, alone), workspace.home, work) as contest:
        verdict = evaluate_version(spec, train, test, held_out, contest, cache)
    folder = workspace.files.evidence(spec.name)
    card = replace(verdict.card, test_set_evaluations=uses)
    tables = (verdict.answers, *([texts_and_labels(held_out)] if held_out else []))
    card = replace(card, evidence=save_evidence(card, tables, (corpus.test,), folder))
    about = f"Scorecard of {spec.name} version {version.version} on {card.rows:,} held-out messages, 95% intervals"
    report = find_kind(spec.kind).report
    rows = table(report.contestants(card)) or [measure.table_row() for measure in card.measures]
    create_table_artifact(key=f"scorecard-{spec.name}", table=rows, description=about)
    files = [*_files(verdict, test, version, workspace), *report.pictures(card, _folder(version, workspace))]
    workspace.registry.log_evaluation(version, card.figures(), files, {})
    return card


def _learnt(version: ModelVersion, corpus: Corpus, workspace: Workspace) -> Snapshot:
    """The train snapshot of this version, which may be older than the corpus; that of the corpus if it was deleted."""
    return find_snapshot(workspace.files.snapshots(version.name), version.snapshot) or corpus.train


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
    """Write the regressions and the other tables of an evaluation as CSV files; return their paths."""
    from pipelines.evaluation.version_evaluation import regressions

    folder = _folder(version, workspace)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"flips.csv": regressions(verdict, test), **verdict.tables}
    for name, frame in tables.items():
        frame.to_csv(folder / name, index=False)
    return [folder / name for name in tables]


def _folder(version: ModelVersion, workspace: Workspace) -> Path:
    return workspace.files.scorecards / version.name / str(version.version)
