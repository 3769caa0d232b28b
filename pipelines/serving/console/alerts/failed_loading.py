"""Alerts for champions that cannot be loaded."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    for model, reason in situation.service.champions.served.errors.items():
        yield Finding(model, reason)


SOURCE = AlertSource("problem", "bad", Title(en="cannot be loaded", zh="无法加载"), _find)
