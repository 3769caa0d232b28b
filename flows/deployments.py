"""Every declared model as deployments, retrained by the clock and by feedback: `python -m flows.deployments`."""

import asyncio
from datetime import timedelta
from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from flows.auditing import audit
from flows.edge import declared
from flows.ingestion import ingest
from flows.retraining import retrain
from flows.training import train
from pipelines.catalog import ModelSpec, load
from pipelines.settings import Settings

# A run that never starts gives its slot back after a minute: a runner killed at the wrong moment wedges nothing.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE, grace_period_seconds=60
)

EVERY_FEW_MINUTES = "*/5 * * * *"


def deployments(spec: ModelSpec) -> list[RunnerDeployment]:
    """`retrain/<model>` with its schedule and its feedback trigger; `train/<model>` and `ingest/<model>` by hand."""
    enough = DeploymentEventTrigger(
        name=f"{spec.name}-feedback",
        expect={"needloop.feedback"},
        match={"prefect.resource.id": f"needloop.model.{spec.name}"},
        threshold=spec.retraining.feedback,
        within=timedelta(days=30),
        parameters={"model": spec.name},
    )
    again = RunnerDeployment.from_flow(
        retrain,
        spec.name,
        parameters={"model": spec.name},
        cron=spec.retraining.cron,
        triggers=[enough],
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    by_hand = [
        RunnerDeployment.from_flow(
            flow,
            spec.name,
            parameters={"model": spec.name},
            concurrency_limit=ONE_AT_A_TIME,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow in (train, ingest)
    ]
    return [again, *by_hand]


def watch() -> RunnerDeployment:
    """`audit/ledger`, every few minutes: an alias that was moved by hand is a failed run and a `needloop.alert`."""
    return RunnerDeployment.from_flow(
        audit,
        "ledger",
        cron=EVERY_FEW_MINUTES,
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


async def offer() -> None:
    """Register every deployment with its schedule and trigger, say so in a file, then run what is due."""
    settings = Settings().activate()
    runner = Runner(pause_on_shutdown=False)
    for name in load(settings):
        for deployment in deployments(declared(name)[1]):
            await runner.aadd_deployment(deployment)
    await runner.aadd_deployment(watch())
    marker(settings).touch()
    await runner.start()


def marker(settings: Settings) -> Path:
    """There once every deployment is registered: feedback given before that would not be counted."""
    return settings.home / "logs" / "deployments.offered"


if __name__ == "__main__":
    asyncio.run(offer())
