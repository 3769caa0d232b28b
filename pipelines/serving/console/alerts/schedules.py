"""Alerts for retraining that is due and does not start; a paused schedule is a person's choice and no alert."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    schedules = situation.schedules
    if "unanswered" in {schedule.state for schedule in schedules.values()}:
        yield Finding("", "Prefect does not answer: no retraining starts until it answers again")
    for model, schedule in schedules.items():
        if schedule.state == "late":
            yield Finding(
                model, f"a retraining was due at {schedule.time} and has not started; see the runs in Prefect"
            )
        if schedule.state == "missing":
            yield Finding(model, "Prefect has no deployment for it; needloop up makes one")


SOURCE = AlertSource("schedule", "bad", Title(en="retraining", zh="再训练"), _find)
