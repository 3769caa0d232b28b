"""Behaviour measures of a model with several labels per text."""

from collections.abc import Iterator

from pipelines.evaluation.behaviour.capabilities import behaviour_measures
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.behaviour.failures import check_low_confidence
from pipelines.evaluation.behaviour.offtopic import off_topic_texts
from pipelines.evaluation.behaviour.shared_capabilities import (
    answer_base_texts,
    declared_capability,
    invariance_capabilities,
)
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.out_of_scope import confidence_threshold
from pipelines.kinds.known import find_kind


def measure_behaviour(case: Case) -> Iterator[Measure | Attachment]:
    """Measure all capabilities that have cases."""
    capabilities = tuple(_capabilities(case))
    yield Attachment("behaviour", capabilities)
    yield from behaviour_measures(capabilities, case.gate)


def _capabilities(case: Case) -> Iterator[Capability]:
    """Test all capabilities; off-topic texts must get no label, or less confidence than the threshold."""
    spec, empty_cell = case.spec, find_kind(case.spec.kind).wire.empty_cell(case.spec.target)
    yield from declared_capability(spec, case.ask)
    yield from invariance_capabilities(
        spec, answer_base_texts(case.train[case.train["validation"]], case.train, case.ask), case.ask
    )
    yield check_low_confidence(
        OFF_TOPIC, off_topic_texts(spec.language), confidence_threshold(case) or 0.0, case.ask, empty_cell
    )
