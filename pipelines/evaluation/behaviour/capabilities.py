"""Failure rates on generated behaviour cases, one measure for each capability."""

from collections.abc import Iterator, Sequence

from pipelines.catalog.spec import Gate
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.measure import Measure, ceiling, unshown

ASKED = ("behaviour", "capabilities")


def conducted(found: Sequence[Capability] | None, gate: Gate) -> Iterator[Measure]:
    """Every capability under its own ceiling or the common one; one that is named in the gate must be shown."""
    if not found:
        yield unshown("failed", "behaviour", *ASKED)
        return
    for name in gate.capabilities.keys() - {one.name for one in found}:
        yield unshown(f"failed.{name}", f"the capability {name!r}", *ASKED)
    for one in found:
        limit = gate.capabilities.get(one.name, 1 - gate.scope if one.name == OFF_TOPIC else gate.behaviour)
        what = f"behaviour: {one.name} failed {one.failed} of {one.cases},"
        yield ceiling(f"failed.{one.name}", one.rate, limit, what, *ASKED)
