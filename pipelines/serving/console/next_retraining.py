"""When each model is retrained next: Prefect is asked, for a declared schedule may be paused, missing or late there."""

import logging
import math
import os
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from pipelines.serving.console.loop_schemas import Schedule

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 4.0
REMEMBERED_SECONDS = 5.0
# A busy Prefect misses a question now and then: its last answer stands for so long before it is called silent.
STANDS_SECONDS = 60.0
# A runner looks for due runs every ten seconds, and a process for the run takes some to start.
LATE = timedelta(seconds=60)
QUEUED = "AwaitingConcurrencySlot"  # Prefect's name of a run that waits for another of its deployment


class _Cron(BaseModel):
    cron: str | None = None


class _Trigger(BaseModel):
    active: bool
    schedule: _Cron


class Deployment(BaseModel):
    """What is asked of Prefect's deployment; other fields are left out."""

    id: str
    name: str
    paused: bool = False
    schedules: list[_Trigger] = []


class Run(BaseModel):
    """A run that is planned, and has not begun."""

    deployment_id: str
    state_name: str
    expected_start_time: datetime


DEPLOYMENTS, RUNS = TypeAdapter(list[Deployment]), TypeAdapter(list[Run])
UNWATCHED, MISSING, UNANSWERED = (Schedule(state=state) for state in ("unwatched", "missing", "unanswered"))


@dataclass
class Planning:
    """The schedules of all models, asked of a Prefect API at most every few seconds; `api` is None without Prefect."""

    api: str | None
    credential: str | None = field(default=None, repr=False)  # user:password
    _lock: Lock = field(default_factory=Lock)
    _asked: float = -math.inf
    _answered: float = -math.inf
    _answer: Mapping[str, Schedule] | None = None

    @classmethod
    def of_environment(cls) -> "Planning":
        """By Prefect's own variables."""
        return cls(os.environ.get("PREFECT_API_URL"), os.environ.get("PREFECT_API_AUTH_STRING"))

    def of(self, models: Collection[str]) -> Mapping[str, Schedule]:
        """By model, each with an entry; of the requests that come together, one asks."""
        if self.api is None:
            return dict.fromkeys(models, UNWATCHED)
        with self._lock:
            if time.monotonic() - self._asked > REMEMBERED_SECONDS:
                answer, self._asked = self._ask(models), time.monotonic()
                if answer is not None:
                    self._answer, self._answered = answer, self._asked
            if self._answer is None or self._asked - self._answered > STANDS_SECONDS:
                return dict.fromkeys(models, UNANSWERED)
            return {model: self._answer.get(model, MISSING) for model in models}

    def _ask(self, models: Collection[str]) -> Mapping[str, Schedule] | None:
        """None where Prefect does not answer, or refuses."""
        import httpx  # here, for where nobody opens this page

        user, _, password = (self.credential or "").partition(":")
        auth = httpx.BasicAuth(user, password) if self.credential else None
        try:
            with httpx.Client(base_url=f"{self.api}".rstrip("/"), timeout=TIMEOUT_SECONDS, auth=auth) as client:
                return dict(_planned(client, models))
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("Prefect at %s does not tell its schedules: %s", self.api, str(error)[:300])
            return None


def _planned(client: Any, models: Collection[str]) -> Iterator[tuple[str, Schedule]]:
    named = {"flows": {"name": {"any_": ["retrain"]}}, "deployments": {"name": {"any_": list(models)}}}
    for deployment in DEPLOYMENTS.validate_json(_answer(client, "/deployments/filter", named)):
        first = {
            "deployments": {"id": {"any_": [deployment.id]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 1,
        }
        runs = RUNS.validate_json(_answer(client, "/flow_runs/filter", first))
        yield deployment.name, schedule(deployment, runs[0] if runs else None, datetime.now(UTC))


def _answer(client: Any, path: str, body: Mapping[str, Any]) -> bytes:
    return bytes(client.post(path, json=body).raise_for_status().content)


def schedule(deployment: Deployment, run: Run | None, now: datetime) -> Schedule:
    """What there is to say of a deployment and the earliest of its runs that are planned."""
    active = [each.schedule.cron for each in deployment.schedules if each.active]
    cron = active[0] if active else None
    if deployment.paused or (deployment.schedules and not active):
        return Schedule(state="paused")
    if run is None:
        return Schedule(state="unplanned", cron=cron)
    if run.state_name == QUEUED:
        return Schedule(state="queued", cron=cron, time=run.expected_start_time)
    state = "late" if run.expected_start_time + LATE < now else "scheduled"
    return Schedule(state=state, cron=cron, time=run.expected_start_time)
