"""Pauses of deployments, schedules and automations in Prefect: read, and set again when a removed model comes back."""

from prefect.client.orchestration import PrefectClient
from prefect.deployments.runner import RunnerDeployment
from prefect.events.schemas.deployment_triggers import BaseDeploymentTrigger
from pydantic import BaseModel, TypeAdapter


class Pauses(BaseModel):
    """Of one deployment: whether it is paused itself, and which of its schedules and automations are, by name."""

    deployment: bool = False
    schedules: tuple[str, ...] = ()
    automations: tuple[str, ...] = ()


AllPauses = TypeAdapter(dict[str, list[Pauses]])


async def read(client: PrefectClient, deployment: object) -> Pauses:
    """Read from Prefect which parts of a deployment are paused; raises ObjectNotFound."""
    current = await client.read_deployment(str(deployment))
    automations = await client.read_resource_related_automations(f"prefect.deployment.{deployment}")
    return Pauses(
        deployment=current.paused,
        schedules=tuple(one.slug or "" for one in current.schedules if not one.active),
        automations=tuple(one.name for one in automations if not one.enabled),
    )


def pause(deployment: RunnerDeployment, pauses: Pauses) -> RunnerDeployment:
    """The deployment as it is to be offered."""
    if pauses.deployment:
        deployment.paused = True
    for schedule in deployment.schedules or ():
        if schedule.slug in pauses.schedules:
            schedule.active = False
    for trigger in deployment.triggers:
        if isinstance(trigger, BaseDeploymentTrigger) and trigger.name in pauses.automations:
            trigger.enabled = False
    return deployment
