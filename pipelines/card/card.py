"""The model card of one version (Mitchell et al., 2019): a pure function of its lineage."""

from collections.abc import Callable

from pipelines.card import behaviour, cost_to_serve, origin, score_table, training_sections
from pipelines.card.lineage import Lineage
from pipelines.card.markdown import bullet_list, section
from pipelines.card.measure_table import measures
from pipelines.card.weak import weak_points
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find_kind

# Sections of every kind, by the attachment that they need; its value may be None (not measured).
ATTACHMENT_SECTIONS: tuple[tuple[str, Callable[[Scorecard], str]], ...] = (
    ("agreement", cost_to_serve.package_parity),
    ("burden", cost_to_serve.serving_cost),
    ("slices", behaviour.slices),
    ("behaviour", behaviour.behaviour),
    ("fairness", behaviour.fairness),
)


def card(lineage: Lineage) -> str:
    """The card in Markdown, from the identity to the evidence; missing parts are named as missing."""
    parts = (
        f"# {lineage.model} version {lineage.version}",
        origin.identity(lineage),
        origin.decision(lineage),
        training_sections.data(lineage),
        weak_points(lineage),
        _scorecard(lineage, lineage.scorecard),
        training_sections.cost(lineage),
        training_sections.recipe(lineage),
        origin.evidence(lineage),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _scorecard(lineage: Lineage, scorecard: Scorecard | None) -> str:
    if scorecard is None:
        return section("Scorecard", "Not there:", bullet_list(lineage.faults))
    report = find_kind(lineage.kind).report
    own_sections = map(score_table.report_section, report.parts(scorecard))
    shared_sections = (
        to_section(scorecard) for name, to_section in ATTACHMENT_SECTIONS if name in scorecard.attachments
    )
    warnings = behaviour.data_warnings(scorecard, report.data_warnings(scorecard))
    return section(
        "Scorecard",
        *own_sections,
        *shared_sections,
        warnings,
        score_table.regressions(lineage, scorecard),
        measures(scorecard),
    )
