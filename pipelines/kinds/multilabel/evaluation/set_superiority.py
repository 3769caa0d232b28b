"""A challenger against the champion, as measures: over all, on whole texts, on every label."""

from collections.abc import Iterator

from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.paired import flipped, worse_on_texts
from pipelines.kinds.labelled.against_champion import broken, fallen, forgotten, no_worse, unasked
from pipelines.kinds.multilabel.evaluation.set_scores import standings


def superiority(case: Case) -> Iterator[Measure]:
    """No worse over all, on no label and on few whole texts; without a champion nothing of it is asked."""
    found, gate = case.shared(standings), case.gate
    against = found.against
    if against is None:
        yield from unasked()
        return
    yield no_worse(against.macro_f1, gate)
    yield worse_on_texts("gain.p_worse", against.whole, gate, "on single texts")
    yield broken(against.labels, gate)
    yield fallen(against.found, found.counts, gate)
    yield forgotten(against.found, found.counts)
    yield flipped(against.whole, len(case.test), gate)
