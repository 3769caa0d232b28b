"""Feedback that was set aside."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    for aside in situation.service.store.labels().aside():
        listing = f"needloop labels list --model {aside.model} --set-aside"
        moment = f"{aside.time:%F %H:%M} UTC"
        yield Finding(aside.model, f"rows: {aside.rows}, of {aside.reason} ({moment}); to see them: {listing}")


SOURCE = AlertSource("aside", "warn", Title(en="feedback set aside", zh="反馈已搁置"), _find)
