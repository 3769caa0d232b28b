"""Alerts for models that a person paused."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation, format_reasons
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    for model, pause in situation.service.pauses.entries.items():
        yield Finding(model, format_reasons(pause), pause.event.answer)


SOURCE = AlertSource("paused", "warn", Title(en="paused", zh="已暂停"), _find)
