"""Pauses of deployments, schedules and automations in Prefect, restored when a removed model comes back."""

from prefect.client.orchestration import PrefectClient
from prefect.deployments.runner import RunnerDeployment
from prefect.events.schemas.deployment_triggers import BaseDeploymentTrigger
from pydantic import BaseModel, TypeAdapter


class DeploymentPauses(BaseModel):
    """The pauses of one deployment: its own, and the names of its paused schedules and automations."""

    deployment: bool = False
    schedules: tuple[str, ...] = ()
    automations: tuple[str, ...] = ()


AllPauses = TypeAdapter(dict[str, list[DeploymentPauses]])


async def read(client: PrefectClient, deployment: object) -> DeploymentPauses:
    """Read the pauses of a deployment from Prefect; raises ObjectNotFound."""
    current = await client.read_deployment(str(deployment))
    automations = await client.read_resource_related_automations(f"prefect.deployment.{deployment}")
    return DeploymentPauses(
        deployment=current.paused,
        schedules=tuple(schedule.slug or "" for schedule in current.schedules if not schedule.active),
        automations=tuple(automation.name for automation in automations if not automation.enabled),
    )


def pause(deployment: RunnerDeployment, pauses: DeploymentPauses) -> RunnerDeployment:
    """Set the pauses on a deployment before it is registered; return the deployment."""
    if pauses.deployment:
        deployment.paused = True
    for schedule in deployment.schedules or ():
        if schedule.slug in pauses.schedules:
            schedule.active = False
    for trigger in deployment.triggers:
        if isinstance(trigger, BaseDeploymentTrigger) and trigger.name in pauses.automations:
            trigger.enabled = False
    return deployment
