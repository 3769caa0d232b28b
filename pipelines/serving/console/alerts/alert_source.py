"""An alert source: a check of the service and its home that yields alerts for people."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipelines.ledger.entry import Entry
from pipelines.serving.console.console_context import ConsoleContext
from pipelines.serving.console.loop_schemas import Alert, Audit, Schedule, Severity, Title
from pipelines.serving.service import Service


@dataclass(frozen=True)
class Situation:
    """The state that alert sources check; `schedules` are by model, `audit` is the last one, None before the first."""

    service: Service
    context: ConsoleContext
    audit: Audit | None
    schedules: Mapping[str, Schedule]

    @cached_property
    def ledger(self) -> list[Entry]:
        """The entries of the ledger, read once. Raises BrokenLedger."""
        return self.context.ledger()


@dataclass(frozen=True)
class Finding:
    """One alert: a model, or an empty name, and a sentence; `answer` is a paused model's fixed label."""

    model: str
    message: str
    answer: str = ""


@dataclass(frozen=True)
class AlertSource:
    """A kind of alert: severity, title in both languages, and the function that finds alerts of this kind."""

    kind: str
    severity: Severity
    title: Title
    find: Callable[[Situation], Iterable[Finding]]

    def alerts(self, situation: Situation) -> Iterator[Alert]:
        """The alerts of this kind at this moment."""
        for finding in self.find(situation):
            yield Alert(
                kind=self.kind,
                severity=self.severity,
                title=self.title,
                about=finding.model,
                said=finding.message,
                answer=finding.answer,
            )


def format_reasons(entry: Entry) -> str:
    """The reasons of an entry and its time in UTC, in one line."""
    return f"{'; '.join(entry.reasons)} ({entry.time[:16].replace('T', ' ')} UTC)"
