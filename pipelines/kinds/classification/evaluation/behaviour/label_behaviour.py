"""How a model of one label per text behaves, as measures."""

from collections.abc import Iterator

from pipelines.evaluation.behaviour.capabilities import conducted
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.out_of_scope import threshold
from pipelines.kinds.classification.evaluation.behaviour.label_capabilities import behaviour
from pipelines.kinds.classification.evaluation.label_scores import standings


def conduct(case: Case) -> Iterator[Measure | Attachment]:
    """Every capability that has cases; none where the challenger answers other labels than are declared."""
    spec, train = case.spec, case.train
    found = None
    if set(case.shared(standings).known) == set(spec.target.names):
        found = behaviour(spec, train[train["validation"]], train, case.ask, threshold(case) or 0.0)
    yield Attachment("behaviour", found)
    yield from conducted(found, case.gate)
