"""A source of alerts, as a developer would add the next one."""

from pipelines.serving.console.alerts.alert_source import AlertSource, Finding
from pipelines.serving.console.loop_schemas import Title


def find(situation):
    for model in situation.context.declared():
        yield Finding(model, "nobody asked anything today")


SOURCE = AlertSource("silence", "warn", Title(en="nobody asks", zh="无人提问"), find)
