"""How a model of several labels behaves on generated cases: its answer may not depend on what does not matter."""

from collections.abc import Iterator

from pipelines.evaluation.behaviour.capabilities import conducted
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.behaviour.failures import unsure
from pipelines.evaluation.behaviour.offtopic import off_topic
from pipelines.evaluation.behaviour.shared_capabilities import base, invariant, written
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.out_of_scope import threshold
from pipelines.kinds.known import find


def conduct(case: Case) -> Iterator[Measure | Attachment]:
    """Every capability that has cases."""
    found = tuple(_capabilities(case))
    yield Attachment("behaviour", found)
    yield from conducted(found, case.gate)


def _capabilities(case: Case) -> Iterator[Capability]:
    """Small talk must be answered with no label, or with less confidence than the threshold."""
    spec, nothing = case.spec, find(case.spec.kind).wire.nothing(case.spec.target)
    yield from written(spec, case.ask)
    yield from invariant(spec, base(case.train[case.train["validation"]], case.train, case.ask), case.ask)
    yield unsure(OFF_TOPIC, off_topic(spec.language), threshold(case) or 0.0, case.ask, nothing)
