"""Behaviour measures of a model with one label per text."""

from collections.abc import Iterator

from pipelines.evaluation.behaviour.capabilities import behaviour_measures
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.out_of_scope import confidence_threshold
from pipelines.kinds.classification.evaluation.behaviour.label_capabilities import run_capabilities
from pipelines.kinds.classification.evaluation.label_scores import score_table


def measure_behaviour(case: Case) -> Iterator[Measure | Attachment]:
    """Measure all capabilities that have cases; none if the challenger does not answer the declared labels."""
    spec, train = case.spec, case.train
    capabilities = None
    if set(case.shared(score_table).known) == set(spec.target.names):
        threshold = confidence_threshold(case) or 0.0
        capabilities = run_capabilities(spec, train[train["validation"]], train, case.ask, threshold)
    yield Attachment("behaviour", capabilities)
    yield from behaviour_measures(capabilities, case.gate)
