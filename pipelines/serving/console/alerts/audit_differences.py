"""Alerts for the differences that the last audit found."""

from collections.abc import Iterator

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation
from pipelines.serving.console.loop_schemas import Title


def _find(situation: Situation) -> Iterator[Finding]:
    for difference in situation.audit.differences if situation.audit else ():
        yield Finding("", difference)


SOURCE = AlertSource("audit", "bad", Title(en="audit", zh="审计"), _find)
