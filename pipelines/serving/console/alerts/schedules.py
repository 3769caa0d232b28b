"""Retraining that was promised and does not happen; a schedule that is paused is what somebody wanted."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    schedules = situation.schedules
    if "unanswered" in {schedule.state for schedule in schedules.values()}:
        yield Finding("", "Prefect does not answer: no retraining starts until it does")
    for model, schedule in schedules.items():
        if schedule.state == "late":
            yield Finding(model, f"a retraining was due at {schedule.time} and has not started")
        if schedule.state == "missing":
            yield Finding(model, "Prefect has no deployment that retrains it")


SOURCE = AlertSource("schedule", "bad", Title(en="retraining", zh="再训练"), _find)
