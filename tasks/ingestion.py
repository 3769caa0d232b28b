"""The task that ingests a corpus, with a cache keyed by source, declaration, masker and feedback."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import TypeAdapter, ValidationError

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import corpus
from pipelines.ingestion.corpus import Corpus, fingerprint
from pipelines.storage import blobs
from pipelines.store.labelled_feedback import LabelledText
from pipelines.workspace.workspace import Workspace
from tasks.progress import with_progress_lines
from tasks.retrying import is_transient

log = logging.getLogger(__name__)

CORPUS = TypeAdapter(Corpus)


def corpus_key(spec: ModelSpec, workspace: Workspace, feedback: Sequence[LabelledText]) -> str:
    """The cache key of a corpus: content of the source, declaration, masker, feedback, home and store.

    The home is part of it even with an external store: Prefect's record of a result names a path in the home.
    """
    labels = "".join(f"{row.key}{row.label}" for row in feedback)
    return f"{spec.name}-{fingerprint(spec, f'{workspace.home} {workspace.files.storage} {labels}')}"


@task(
    task_run_name="ingest",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=is_transient,
    timeout_seconds=3600,
)
@with_progress_lines
def ingest(spec: ModelSpec, workspace: Workspace, feedback: Sequence[LabelledText] = ()) -> Corpus:
    """Read, mask, split and write a model's corpus, unless nothing changed; publish the counts of rows.

    The cache is plain JSON of one type. Prefect's own cache would load a result with any serializer that the file
    names, pickle included, and its JSON serializer calls any function that the file names.
    """
    file = workspace.files.cache / "corpora" / f"{corpus_key(spec, workspace, feedback)}.json"
    result = cached(file)
    if result:
        log.info("source, declaration, masker and feedback are unchanged: the corpus of %s is reused", spec.name)
    else:
        result = corpus.ingest(spec, workspace, feedback)
        blobs.write(CORPUS.dump_json(result), str(file))
    create_markdown_artifact(
        key=f"corpus-{spec.name}", markdown=_report(result), description=_description(result, spec)
    )
    return result


def cached(file: Path) -> Corpus | None:
    """The corpus of an earlier run; None if the file is invalid or one of its snapshots is missing."""
    with suppress(OSError, ValidationError):
        result = CORPUS.validate_json(file.read_bytes())
        if all(blobs.exists(snapshot.uri) for snapshot in (result.train, result.test)):
            return result
    return None


def _description(result: Corpus, spec: ModelSpec) -> str:
    learnt, held_out = f"{result.train.rows:,}", f"{result.test.rows:,}"
    return f"Corpus of {spec.name}: {learnt} messages for training, {held_out} held out for the test"


def _report(result: Corpus) -> str:
    report = result.report
    lines = [f"| {words} | {rows:,} | {examples} |" for words, rows, examples in report.table()]
    notes = "\n".join(f"- {note}" for note in (*report.notes, report.warning) if note)
    digests = f"train `{result.train.digest}`, test `{result.test.digest}`"
    head = f"{report.read:,} rows were read.\n\n| became | rows | examples (masked) |\n|---|---|---|"
    return "\n".join([head, *lines, "", notes, "", digests])
