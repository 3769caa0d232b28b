"""Read a source again only when it, its declaration or the masker changed."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import TypeAdapter, ValidationError

from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ingestion import corpus
from pipelines.ingestion.corpus import Corpus, fingerprint
from pipelines.storage import blobs
from pipelines.store.labelled_feedback import LabelledText
from tasks.progress import spoken
from tasks.retrying import is_transient

log = logging.getLogger(__name__)

CORPUS = TypeAdapter(Corpus)


def corpus_key(spec: ModelSpec, workspace: Workspace, feedback: Sequence[LabelledText]) -> str:
    """What determines a corpus: the source's content, its declaration, the masker, the feedback, and where it goes.

    That is the home too, also where the store lies outside: Prefect's record of a result names a path in it.
    """
    said = "".join(f"{one.key}{one.label}" for one in feedback)
    return f"{spec.name}-{fingerprint(spec, f'{workspace.home} {workspace.files.storage} {said}')}"


@task(
    task_run_name="ingest",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=is_transient,
    timeout_seconds=3600,
)
@spoken
def ingest(spec: ModelSpec, workspace: Workspace, feedback: Sequence[LabelledText] = ()) -> Corpus:
    """Read, mask, split and write a model's corpus, unless nothing changed; publish what was kept and what was not.

    The cache is ours, plain JSON of one type: Prefect's own reads a result by whatever serializer the file names,
    pickle included, and its JSON calls whatever function the file names.
    """
    file = workspace.files.cache / "corpora" / f"{corpus_key(spec, workspace, feedback)}.json"
    found = cached(file)
    if found:
        log.info("source, declaration, masker and feedback are unchanged: the corpus of %s is reused", spec.name)
    else:
        found = corpus.ingest(spec, workspace, feedback)
        blobs.write(CORPUS.dump_json(found), str(file))
    create_markdown_artifact(key=f"corpus-{spec.name}", markdown=_report(found), description=_description(found, spec))
    return found


def cached(file: Path) -> Corpus | None:
    """The corpus of an earlier run; none where the file is not one, or a snapshot that it leads to is gone."""
    with suppress(OSError, ValidationError):
        found = CORPUS.validate_json(file.read_bytes())
        if all(blobs.exists(snapshot.uri) for snapshot in (found.train, found.test)):
            return found
    return None


def _description(found: Corpus, spec: ModelSpec) -> str:
    learnt, held_out = f"{found.train.rows:,}", f"{found.test.rows:,}"
    return f"Corpus of {spec.name}: {learnt} messages to learn from, {held_out} held out to judge by"


def _report(found: Corpus) -> str:
    counted = {**vars(found.report), "train": found.train.rows, "test": found.test.rows}
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in counted.items())
    return f"| what | rows |\n|---|---|\n{rows}\n\ntrain `{found.train.digest}`, test `{found.test.digest}`"
