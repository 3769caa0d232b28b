"""The task that checks a corpus before training."""

from urllib.parse import unquote, urlsplit

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations import validation
from expectations.validation import Validation
from pipelines.card.markdown import in_home
from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative_address
from pipelines.ingestion.corpus import Corpus
from pipelines.workspace.workspace import Workspace
from tasks.progress import with_progress_lines


@task(task_run_name="validate", cache_policy=NO_CACHE, timeout_seconds=1800)
@with_progress_lines
def validate(corpus: Corpus, spec: ModelSpec, workspace: Workspace) -> Validation:
    """Check a corpus and publish the result; raises InvalidData if an expectation fails."""
    result = validation.validate(corpus, spec, workspace)
    about = f"Validation of the data of {spec.name}: {result.checks} checks, {len(result.failed) or 'none'} failed"
    create_markdown_artifact(key=f"validation-{spec.name}", markdown=_report(result, workspace), description=about)
    return validation.require(result)


def _report(result: Validation, workspace: Workspace) -> str:
    failed = "\n".join(f"- {sentence}" for sentence in result.failed)
    file = relative_address(
        unquote(urlsplit(result.docs).path), workspace.home
    )  # a browser opens no file from a page of Prefect
    return f"{result.checks} checks, {len(result.failed)} failed\n\n{failed}\n\n{in_home('Data Docs', file)}"
