"""Trials that cannot begin, and those that the service ended by itself."""

from collections.abc import Iterator

from pipelines.promotion.rollout import aborted
from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation, why
from pipelines.serving.console.loop_schemas import Title


def _find_not_begun(situation: Situation) -> Iterator[Finding]:
    ended = aborted(situation.ledger)
    for model, reason in situation.service.trials.problems.items():
        if model not in ended:  # it says the same
            yield Finding(model, reason)


def _find_aborted(situation: Situation) -> Iterator[Finding]:
    for model, end in aborted(situation.ledger).items():
        yield Finding(model, f"version {end.version}: {why(end)}")


NOT_BEGUN = AlertSource("trial", "bad", Title(en="trial cannot begin", zh="试用无法开始"), _find_not_begun)
ABORTED = AlertSource("abort", "bad", Title(en="trial aborted", zh="试用中止"), _find_aborted)
