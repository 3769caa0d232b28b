"""The model card of one version (Mitchell and others, 2019): a pure function of its lineage."""

from pipelines.card import conduct, origin, scores, service
from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section
from pipelines.card.weak import weak
from pipelines.evaluation.scorecard import Scorecard

SHOWN = (
    scores.contestants,
    scores.labels,
    service.calibration,
    service.scope,
    service.agreement,
    service.burden,
    conduct.slices,
    conduct.behaviour,
    conduct.fairness,
    conduct.doubts,
)


def card(lineage: Lineage) -> str:
    """Markdown for people, from what it is to the proof of it; what is missing is said."""
    found = lineage.scorecard
    parts = (
        f"# {lineage.model} version {lineage.version}",
        origin.identity(lineage),
        origin.decision(lineage),
        origin.data(lineage),
        weak(lineage),
        _scorecard(lineage, found) if found else section("Scorecard", "Not there:", listed(lineage.faults)),
        origin.cost(lineage),
        origin.recipe(lineage),
        origin.proof(lineage),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _scorecard(lineage: Lineage, found: Scorecard) -> str:
    return section("Scorecard", *(part(found) for part in SHOWN), scores.flips(lineage, found))
