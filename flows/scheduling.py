"""A flow that runs by the clock, whatever models are declared."""

from dataclasses import dataclass
from typing import Any

from prefect import Flow


@dataclass(frozen=True)
class ScheduledJob:
    """One deployment `<flow>/<name>` and its schedule, in UTC; `flows.jobs` lists all of them."""

    flow: Flow[..., Any]
    name: str
    cron: str
    description: str
