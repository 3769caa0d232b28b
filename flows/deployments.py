"""The Prefect deployments of all declared models and scheduled jobs: `python -m flows.deployments`."""

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
from flows.offers import DeploymentSync
from flows.retraining import retrain
from flows.tagging import tags_of
from flows.training import train
from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.settings import Settings

# A run that never starts frees its slot after a minute, so a killed runner blocks no later run.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE, grace_period_seconds=60
)

WITHIN = timedelta(days=30)

# Only a person starts `train` and `ingest`.
BY_HAND: Mapping[Flow[..., Any], str] = {
    train: "Train {model} from its base, by hand: for its first champion, or after its data or recipe changed.",
    ingest: "Read and validate the data of {model}, by hand, without training.",
}


def deployments(spec: ModelSpec) -> list[RunnerDeployment]:
    """`retrain/<model>` with its schedule and its feedback trigger; `train/<model>` and `ingest/<model>` by hand."""
    retraining = _deployment(
        retrain,
        spec.name,
        _about_retraining(spec),
        parameters={"model": spec.name},
        schedule=_schedule(spec.retraining.cron, cause="schedule"),
        triggers=[_feedback_trigger(spec)],
    )
    by_hand = [
        _deployment(flow, spec.name, about.format(model=spec.name), parameters={"model": spec.name})
        for flow, about in BY_HAND.items()
    ]
    return [retraining, *by_hand]


def _deployment(flow: Flow[..., Any], name: str, description: str, **fields: Any) -> RunnerDeployment:
    """A deployment of a flow with one run at a time, and with tags to filter Prefect's lists by.

    Unset fields do not change in Prefect, so a deployment that a person paused stays paused.
    """
    deployment = RunnerDeployment.from_flow(
        flow,
        name,
        description=description,
        tags=tags_of(flow, name),
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
        **fields,
    )
    deployment.model_fields_set.discard("paused")
    for schedule in deployment.schedules or ():
        schedule.model_fields_set.discard("active")
    return deployment


def _schedule(cron: str, **parameters: str) -> Schedule:
    """A schedule with a fixed slug, by which Prefect updates it instead of adding one at every start."""
    return Cron(cron, parameters=parameters, slug="declared")


def _feedback_trigger(spec: ModelSpec) -> DeploymentEventTrigger:
    """The trigger that starts a retraining after the declared number of label events."""
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


def job_deployments() -> list[RunnerDeployment]:
    """The deployments of all scheduled jobs."""
    return [_deployment(job.flow, job.name, job.description, schedule=_schedule(job.cron)) for job in JOBS]


async def serve_deployments() -> None:
    """Register all deployments, write the marker file, run due flows, and keep deployments in step with the catalog."""
    settings = Settings().activate()
    runner = Runner(pause_on_shutdown=False)
    offers = DeploymentSync(runner, settings.workspace, deployments)
    await offers.update()
    for deployment in job_deployments():
        await runner.aadd_deployment(deployment)
    marker_file(settings).touch()
    following = asyncio.create_task(offers.follow())
    try:
        await runner.start()
    finally:
        following.cancel()


def marker_file(settings: Settings) -> Path:
    """The file that exists once every deployment is registered; feedback before that triggers no retraining."""
    return settings.home / "logs" / "deployments.offered"


if __name__ == "__main__":
    asyncio.run(serve_deployments())
