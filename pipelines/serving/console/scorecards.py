"""The evidence of decisions as the console shows it; scorecards that were read are remembered."""

from functools import lru_cache
from typing import Any

from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger.entry import Entry
from pipelines.promotion.evidence import scorecard_in


def scorecard(entry: Entry) -> Scorecard:
    """The scorecard of a decision. Raises TamperedEvidence."""
    return _scorecard(tuple(entry.files.items()))


# Named by their digests: what was read once cannot change.
@lru_cache(256)
def _scorecard(files: tuple[tuple[str, str], ...]) -> Scorecard:
    return scorecard_in(dict(files))


def figures(card: Scorecard) -> dict[str, Any]:
    """What a list of versions shows of a scorecard."""
    return {"rows": card.rows, **{name: _interval(card, f"test.{name}") for name in ("macro_f1", "accuracy")}}


def _interval(card: Scorecard, name: str) -> dict[str, float | None] | None:
    found = card.measure(name)
    return {"value": found.value, "low": found.low, "high": found.high} if found else None
