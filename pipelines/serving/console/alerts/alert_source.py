"""What a source of alerts is: it looks at the service and the home, and finds what a person should look at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipelines.ledger.entry import Entry
from pipelines.serving.console.console_context import ConsoleContext
from pipelines.serving.console.loop_schemas import Alert, Audit, Schedule, Severity, Title
from pipelines.serving.service import Service


@dataclass(frozen=True)
class Situation:
    """What sources look at; `schedules` are by model, `audit` is the last one, None before the first."""

    service: Service
    desk: ConsoleContext
    audit: Audit | None
    schedules: Mapping[str, Schedule]

    @cached_property
    def ledger(self) -> list[Entry]:
        """The entries of the ledger, read once. Raises BrokenLedger."""
        return self.desk.ledger()


@dataclass(frozen=True)
class Finding:
    """One alert's subject, a model or nothing, and its sentence; `answer` is a paused model's fixed label."""

    about: str
    said: str
    answer: str = ""


@dataclass(frozen=True)
class AlertSource:
    """A kind of alert: how bad it is, what the console calls it, and how it is found."""

    kind: str
    severity: Severity
    title: Title
    find: Callable[[Situation], Iterable[Finding]]

    def alerts(self, situation: Situation) -> Iterator[Alert]:
        """What there is to tell now."""
        for found in self.find(situation):
            yield Alert(
                kind=self.kind,
                severity=self.severity,
                title=self.title,
                about=found.about,
                said=found.said,
                answer=found.answer,
            )


def why(entry: Entry) -> str:
    """The reasons of an entry and its moment."""
    return f"{'; '.join(entry.reasons)} ({entry.time[:16].replace('T', ' ')} UTC)"
