"""Read a source again only when it, its declaration or the masker changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.context import TaskRunContext

from pipelines.catalog import ModelSpec
from pipelines.ingestion import corpus
from pipelines.ingestion.corpus import Corpus, Feedbacked, fingerprint
from pipelines.settings import Settings
from pipelines.storage import exists
from tasks.retrying import passing


def corpus_key(spec: ModelSpec, settings: Settings, feedback: Sequence[Feedbacked]) -> str:
    """What determines a corpus: the source's content, its declaration, the masker, the feedback, and where it goes."""
    said = "".join(f"{one.key}{one.label}" for one in feedback)
    return f"{spec.name}-{fingerprint(spec, settings.storage + said)}"


def _unless_lost(_: TaskRunContext, given: dict[str, Any]) -> str | None:
    """The corpus key; none where a snapshot it led to is gone, so that a cached path never outlives its file."""
    key = corpus_key(given["spec"], given["settings"], given["feedback"])
    marker = _marker(given["settings"], key)
    written = json.loads(marker.read_text(encoding="utf-8")) if marker.exists() else []
    return key if all(exists(uri) for uri in written) else None


def _marker(settings: Settings, key: str) -> Path:
    return settings.home / "cache" / "corpora" / f"{key}.json"


@task(
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=passing,
    timeout_seconds=3600,
    cache_key_fn=_unless_lost,
    persist_result=True,
)
def ingest(spec: ModelSpec, settings: Settings, feedback: Sequence[Feedbacked] = ()) -> Corpus:
    """Read, mask, split and write a model's corpus; publish what was kept and what was not."""
    found = corpus.ingest(spec, settings, feedback)
    marker = _marker(settings, corpus_key(spec, settings, feedback))
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps([found.train.uri, found.test.uri]), encoding="utf-8")
    create_markdown_artifact(key=f"corpus-{spec.name}", markdown=_report(found), description="What was read")
    return found


def _report(found: Corpus) -> str:
    counted = {**vars(found.report), "train": found.train.rows, "test": found.test.rows}
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in counted.items())
    return f"| what | rows |\n|---|---|\n{rows}\n\ntrain `{found.train.digest}`, test `{found.test.digest}`"
