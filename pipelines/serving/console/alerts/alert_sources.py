"""The list of alert sources, in the order of the page; a new source is a module and a line here."""

from pipelines.serving.console.alerts import (
    audit_differences,
    failed_loading,
    paused_models,
    schedules,
    set_aside,
    stopped_rollouts,
)
from pipelines.serving.console.alerts.alert_source import AlertSource, Situation
from pipelines.serving.console.loop_schemas import Alert

SOURCES: tuple[AlertSource, ...] = (
    failed_loading.SOURCE,
    paused_models.SOURCE,
    stopped_rollouts.NOT_STARTED,
    stopped_rollouts.ABORTED,
    set_aside.SOURCE,
    audit_differences.SOURCE,
    schedules.SOURCE,
)


def alerts(situation: Situation) -> list[Alert]:
    """All alerts at this moment."""
    return [alert for source in SOURCES for alert in source.alerts(situation)]
