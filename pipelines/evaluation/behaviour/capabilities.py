"""Failure rates on generated behaviour cases, one measure for each capability."""

from collections.abc import Iterator, Sequence

from pipelines.catalog.gate import Gate
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.measure import Measure, ceiling, missing_measure

GATE_FIELDS = ("behaviour", "capabilities")


def behaviour_measures(capabilities: Sequence[Capability] | None, gate: Gate) -> Iterator[Measure]:
    """Compare each failure rate with its own limit or the common one; a capability named in the gate needs evidence."""
    if not capabilities:
        yield missing_measure("failed", "behaviour", *GATE_FIELDS)
        return
    for name in gate.max_failure_rates.keys() - {capability.name for capability in capabilities}:
        yield missing_measure(f"failed.{name}", f"the capability {name!r}", *GATE_FIELDS)
    for capability in capabilities:
        limit = gate.max_failure_rates.get(
            capability.name, 1 - gate.min_oos_recall if capability.name == OFF_TOPIC else gate.max_failure_rate
        )
        subject = f"behaviour: {capability.name} failed {capability.failed} of {capability.cases},"
        yield ceiling(f"failed.{capability.name}", capability.rate, limit, subject, *GATE_FIELDS)
