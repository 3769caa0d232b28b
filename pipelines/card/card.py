"""The model card of one version (Mitchell and others, 2019): a pure function of its lineage."""

from collections.abc import Callable

from pipelines.card import behaviour, cost_to_serve, origin, score_table
from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section
from pipelines.card.measure_table import measures
from pipelines.card.weak import weak
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find

# What every kind may have, by what must be attached, if only to say that it was not shown.
SHOWN: tuple[tuple[str, Callable[[Scorecard], str]], ...] = (
    ("agreement", cost_to_serve.agreement),
    ("burden", cost_to_serve.burden),
    ("slices", behaviour.slices),
    ("behaviour", behaviour.behaviour),
    ("fairness", behaviour.fairness),
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
    report = find(lineage.kind).report
    own = map(score_table.part, report.parts(found))
    shared = (part(found) for name, part in SHOWN if name in found.attachments)
    doubts = behaviour.doubts(found, report.doubts(found))
    return section("Scorecard", *own, *shared, doubts, score_table.flips(lineage, found), measures(found))
