"""Every source of alerts, in the order in which they are told: a new one is a module, and a line here."""

from pipelines.serving.console.alerts import aside, auditing, loading, pausing, schedules, trials
from pipelines.serving.console.alerts.source import AlertSource, Situation
from pipelines.serving.console.circuit import Alert

SOURCES: tuple[AlertSource, ...] = (
    loading.SOURCE,
    pausing.SOURCE,
    trials.NOT_BEGUN,
    trials.ABORTED,
    aside.SOURCE,
    auditing.SOURCE,
    schedules.SOURCE,
)


def alerts(situation: Situation) -> list[Alert]:
    """What a person should look at now."""
    return [alert for source in SOURCES for alert in source.alerts(situation)]
