"""Scheduled jobs: flows that run by the clock, independent of the declared models."""

from dataclasses import dataclass
from typing import Any

from prefect import Flow


@dataclass(frozen=True)
class ScheduledJob:
    """The deployment `<flow>/<name>` with its schedule (cron, UTC); `flows.jobs` lists all jobs."""

    flow: Flow[..., Any]
    name: str
    cron: str
    description: str
