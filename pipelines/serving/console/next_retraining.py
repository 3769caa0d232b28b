"""The next retraining of each model, from Prefect: there a declared schedule may be paused, missing or late."""

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
CACHE_SECONDS = 5.0
# A busy Prefect misses a request now and then: its last response is used for so long before it counts as unanswered.
STALE_SECONDS = 60.0
# A runner looks for due runs every ten seconds, and the process of a run takes some seconds to start.
LATE = timedelta(seconds=60)
QUEUED = "AwaitingConcurrencySlot"  # Prefect's name of a run that waits for another of its deployment


class _Cron(BaseModel):
    cron: str | None = None


class _DeploymentSchedule(BaseModel):
    active: bool
    schedule: _Cron


class Deployment(BaseModel):
    """The fields of a Prefect deployment that are read here."""

    id: str
    name: str
    paused: bool = False
    schedules: list[_DeploymentSchedule] = []


class ScheduledRun(BaseModel):
    """A scheduled flow run that has not started."""

    deployment_id: str
    state_name: str
    expected_start_time: datetime


DEPLOYMENTS, RUNS = TypeAdapter(list[Deployment]), TypeAdapter(list[ScheduledRun])
UNWATCHED, MISSING, UNANSWERED = (Schedule(state=state) for state in ("unwatched", "missing", "unanswered"))


@dataclass
class Schedules:
    """The schedules of all models from a Prefect API, cached for some seconds; `api` is None without Prefect."""

    api: str | None
    credential: str | None = field(default=None, repr=False)  # user:password
    _lock: Lock = field(default_factory=Lock)
    _requested_at: float = -math.inf
    _answered_at: float = -math.inf
    _schedules: Mapping[str, Schedule] | None = None

    @classmethod
    def from_environment(cls) -> "Schedules":
        """Read address and credential from Prefect's own variables."""
        return cls(os.environ.get("PREFECT_API_URL"), os.environ.get("PREFECT_API_AUTH_STRING"))

    def of(self, models: Collection[str]) -> Mapping[str, Schedule]:
        """The schedule of each model; concurrent requests to this service send one request to Prefect."""
        if self.api is None:
            return dict.fromkeys(models, UNWATCHED)
        with self._lock:
            if time.monotonic() - self._requested_at > CACHE_SECONDS:
                schedules, self._requested_at = self._request(models), time.monotonic()
                if schedules is not None:
                    self._schedules, self._answered_at = schedules, self._requested_at
            if self._schedules is None or self._requested_at - self._answered_at > STALE_SECONDS:
                return dict.fromkeys(models, UNANSWERED)
            return {model: self._schedules.get(model, MISSING) for model in models}

    def _request(self, models: Collection[str]) -> Mapping[str, Schedule] | None:
        """The schedules in Prefect; None if it does not answer, or refuses."""
        import httpx  # imported late: a service whose console is not used does not need it

        user, _, password = (self.credential or "").partition(":")
        auth = httpx.BasicAuth(user, password) if self.credential else None
        try:
            with httpx.Client(base_url=f"{self.api}".rstrip("/"), timeout=TIMEOUT_SECONDS, auth=auth) as client:
                return dict(_request_schedules(client, models))
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("cannot read the schedules from Prefect at %s: %s", self.api, str(error)[:300])
            return None


def _request_schedules(client: Any, models: Collection[str]) -> Iterator[tuple[str, Schedule]]:
    by_name = {"flows": {"name": {"any_": ["retrain"]}}, "deployments": {"name": {"any_": list(models)}}}
    for deployment in DEPLOYMENTS.validate_json(_post(client, "/deployments/filter", by_name)):
        next_run = {
            "deployments": {"id": {"any_": [deployment.id]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 1,
        }
        runs = RUNS.validate_json(_post(client, "/flow_runs/filter", next_run))
        yield deployment.name, schedule(deployment, runs[0] if runs else None, datetime.now(UTC))


def _post(client: Any, path: str, body: Mapping[str, Any]) -> bytes:
    return bytes(client.post(path, json=body).raise_for_status().content)


def schedule(deployment: Deployment, run: ScheduledRun | None, now: datetime) -> Schedule:
    """The schedule of a deployment, given its earliest scheduled run."""
    active = [entry.schedule.cron for entry in deployment.schedules if entry.active]
    cron = active[0] if active else None
    if deployment.paused or (deployment.schedules and not active):
        return Schedule(state="paused")
    if run is None:
        return Schedule(state="unplanned", cron=cron)
    if run.state_name == QUEUED:
        return Schedule(state="queued", cron=cron, time=run.expected_start_time)
    state = "late" if run.expected_start_time + LATE < now else "scheduled"
    return Schedule(state=state, cron=cron, time=run.expected_start_time)
