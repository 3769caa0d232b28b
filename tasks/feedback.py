"""Collect what there is to learn from the feedback store."""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import Feedbacked
from pipelines.settings import Settings
from pipelines.store.store import Store
from tasks.retrying import passing


@dataclass(frozen=True)
class Lessons:
    """All feedback that teaches a label, how much of it is new, and the id of the last row."""

    rows: tuple[Feedbacked, ...]
    new: int
    last: int


@task(
    cache_policy=NO_CACHE, retries=3, retry_delay_seconds=[2, 10, 60], retry_condition_fn=passing, timeout_seconds=600
)
def collect(spec: ModelSpec, settings: Settings, after: int) -> Lessons:
    """Every lesson of the store; `after` is the last feedback row that a version has already seen."""
    found = Store(settings.database).learnable(spec.name, spec.labels)
    rows = tuple(Feedbacked(one.key, one.text, one.label) for one in found)
    return Lessons(rows, sum(one.feedback > after for one in found), max((one.feedback for one in found), default=0))
