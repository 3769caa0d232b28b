"""The scorecards of decisions, cached, and the figures of them in a list of versions."""

from functools import lru_cache
from typing import Any

from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger.entry import Entry
from pipelines.promotion.evidence import scorecard_in


def scorecard(entry: Entry) -> Scorecard:
    """The scorecard of a decision. Raises TamperedEvidence."""
    return _scorecard(tuple(entry.files.items()))


# Cached for ever: the files are named by their digests, so their content cannot change.
@lru_cache(256)
def _scorecard(files: tuple[tuple[str, str], ...]) -> Scorecard:
    return scorecard_in(dict(files))


def figures(card: Scorecard) -> dict[str, Any]:
    """Test rows, macro-F1 and accuracy, for a list of versions."""
    return {"rows": card.rows, **{name: _interval(card, f"test.{name}") for name in ("macro_f1", "accuracy")}}


def _interval(card: Scorecard, name: str) -> dict[str, float | None] | None:
    measure = card.measure(name)
    return {"value": measure.value, "low": measure.low, "high": measure.high} if measure else None
