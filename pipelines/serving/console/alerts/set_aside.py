"""Alerts for feedback that was set aside: it counts for nothing until a person restores it."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    for aside in situation.service.store.feedback_cleanup().aside():
        listing = f"needloop labels list --model {aside.model} --set-aside"
        moment = f"{aside.time:%F %H:%M} UTC"
        yield Finding(aside.model, f"{aside.rows} rows of {aside.reason} ({moment}), listed by: {listing}")


SOURCE = AlertSource("aside", "warn", Title(en="feedback set aside", zh="反馈已搁置"), _find)
