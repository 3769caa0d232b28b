"""Every declared model as deployments, retrained by the clock and by feedback: `python -m flows.deployments`."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.runner import Runner
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.ingestion import ingest
from flows.jobs import JOBS
from flows.offers import Offers
from flows.retraining import retrain
from flows.tagging import tags_of
from flows.training import train
from pipelines.catalog.spec import ModelSpec
from pipelines.runtime.settings import Settings

# A run that never starts gives its slot back after a minute: a runner killed at the wrong moment wedges nothing.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE, grace_period_seconds=60
)

WITHIN = timedelta(days=30)

# Of `train` and `ingest`, which nothing starts but a person.
BY_HAND: Mapping[Flow[..., Any], str] = {
    train: "Train {model} from its base, by hand: for its first champion, or after its data or recipe changed.",
    ingest: "Read and validate the data of {model}, by hand, without training.",
}


def deployments(spec: ModelSpec) -> list[RunnerDeployment]:
    """`retrain/<model>` with its schedule and its feedback trigger; `train/<model>` and `ingest/<model>` by hand."""
    again = _deployment(
        retrain,
        spec.name,
        _about_retraining(spec),
        parameters={"model": spec.name},
        schedule=_declared(spec.retraining.cron, cause="schedule"),
        triggers=[_enough(spec)],
    )
    by_hand = [
        _deployment(flow, spec.name, about.format(model=spec.name), parameters={"model": spec.name})
        for flow, about in BY_HAND.items()
    ]
    return [again, *by_hand]


def _deployment(flow: Flow[..., Any], name: str, description: str, **more: Any) -> RunnerDeployment:
    """One run at a time; tags by which the lists of deployments and runs can be filtered.

    What is not set is not changed in Prefect: what a person paused there stays paused when it is offered again.
    """
    found = RunnerDeployment.from_flow(
        flow,
        name,
        description=description,
        tags=tags_of(flow, name),
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
        **more,
    )
    found.model_fields_set.discard("paused")
    for schedule in found.schedules or ():
        schedule.model_fields_set.discard("active")
    return found


def _declared(cron: str, **parameters: str) -> Schedule:
    """A schedule with a name of its own: Prefect finds it again, instead of making a new one at every start."""
    return Cron(cron, parameters=parameters, slug="declared")


def _enough(spec: ModelSpec) -> DeploymentEventTrigger:
    """Every label that people give is an event; so many of them start a retraining."""
    labels = f"{spec.retraining.feedback} label{'s' if spec.retraining.feedback > 1 else ''}"
    return DeploymentEventTrigger(
        name=f"retrain {spec.name} after {labels}",
        description=f"Starts a retraining of {spec.name} once people have given {labels} within {WITHIN.days} days.",
        expect={"needloop.feedback"},
        match={"prefect.resource.id": f"needloop.model.{spec.name}"},
        threshold=spec.retraining.feedback,
        within=WITHIN,
        parameters={"model": spec.name, "cause": labels},
    )


def _about_retraining(spec: ModelSpec) -> str:
    when = f"on its schedule ({spec.retraining.cron}, UTC) and after {spec.retraining.feedback} new labels"
    return f"Retrain {spec.name} from its champion and new feedback, {when}; only the gate promotes."


def of_jobs() -> list[RunnerDeployment]:
    """Of every scheduled job, with its schedule."""
    return [_deployment(job.flow, job.name, job.description, schedule=_declared(job.cron)) for job in JOBS]


async def offer() -> None:
    """Register every deployment with its schedule and trigger, say so in a file, then run what is due.

    While it runs, the deployments follow the catalog.
    """
    settings = Settings().activate()
    runner = Runner(pause_on_shutdown=False)
    offers = Offers(runner, settings.workspace, deployments)
    await offers.update()
    for deployment in of_jobs():
        await runner.aadd_deployment(deployment)
    marker(settings).touch()
    following = asyncio.create_task(offers.follow())
    try:
        await runner.start()
    finally:
        following.cancel()


def marker(settings: Settings) -> Path:
    """There once every deployment is registered: feedback given before that would not be counted."""
    return settings.home / "logs" / "deployments.offered"


if __name__ == "__main__":
    asyncio.run(offer())
