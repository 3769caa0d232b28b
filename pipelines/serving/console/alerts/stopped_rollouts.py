"""Alerts for rollouts (shadow, canary) that cannot start, and for canaries that the service aborted."""

from collections.abc import Iterator

from pipelines.ledger.queries import aborted_rollouts
from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation, format_reasons
from pipelines.serving.console.loop_schemas import Title


def _find_not_started(situation: Situation) -> Iterator[Finding]:
    aborted = aborted_rollouts(situation.ledger)
    for model, reason in situation.service.rollouts.errors.items():
        if model not in aborted:  # the alert of the abort gives the same reason
            yield Finding(model, reason)


def _find_aborted(situation: Situation) -> Iterator[Finding]:
    for model, entry in aborted_rollouts(situation.ledger).items():
        yield Finding(model, f"version {entry.version}: {format_reasons(entry)}")


NOT_STARTED = AlertSource("trial", "bad", Title(en="rollout cannot start", zh="试用无法开始"), _find_not_started)
ABORTED = AlertSource("abort", "bad", Title(en="rollout aborted", zh="试用已中止"), _find_aborted)
