"""The promises about data, kept before anything is learnt from it."""

from urllib.parse import unquote, urlsplit

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations import validation
from expectations.validation import Validation
from pipelines.card.markdown import in_home
from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import Corpus
from tasks.progress import spoken


@task(task_run_name="validate", cache_policy=NO_CACHE, timeout_seconds=1800)
@spoken
def validate(corpus: Corpus, spec: ModelSpec, workspace: Workspace) -> Validation:
    """Check a corpus and publish the result; a failing suite raises InvalidData, and nothing is trained."""
    found = validation.validate(corpus, spec, workspace)
    about = f"Validation of the data of {spec.name}: {found.checks} checks, {len(found.failed) or 'none'} failed"
    create_markdown_artifact(key=f"validation-{spec.name}", markdown=_report(found, workspace), description=about)
    return validation.require(found)


def _report(found: Validation, workspace: Workspace) -> str:
    failed = "\n".join(f"- {sentence}" for sentence in found.failed)
    file = relative(unquote(urlsplit(found.docs).path), workspace.home)  # no page of Prefect may open a file
    return f"{found.checks} checks, {len(found.failed)} failed\n\n{failed}\n\n{in_home('Data Docs', file)}"
