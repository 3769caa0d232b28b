"""The promises about data, kept before anything is learnt from it."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations import validation
from expectations.validation import Validation
from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.settings import Settings


@task(cache_policy=NO_CACHE, timeout_seconds=1800)
def validate(corpus: Corpus, spec: ModelSpec, settings: Settings) -> Validation:
    """Check a corpus and publish the result; a failing suite raises InvalidData, and nothing is trained."""
    found = validation.validate(corpus, spec, settings)
    create_markdown_artifact(key=f"validation-{spec.name}", markdown=_report(found), description="Data validation")
    return validation.require(found)


def _report(found: Validation) -> str:
    failed = "\n".join(f"- {sentence}" for sentence in found.failed)
    return f"{found.checks} checks, {len(found.failed)} failed\n\n{failed}\n\n[Data Docs]({found.docs})"
