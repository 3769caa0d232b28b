"""A challenger against the champion, as measures: over all, on single texts, on every label."""

from collections.abc import Iterable, Iterator

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.paired import flipped, worse_on_texts
from pipelines.kinds.classification.evaluation.label_scores import Standings, holes, standings
from pipelines.kinds.labelled.against_champion import broken, fallen, forgotten, no_worse, unasked


def superiority(case: Case) -> Iterable[Measure]:
    """What a challenger must show against the champion."""
    return against_champion(len(case.test), case.shared(standings), case.gate)


def against_champion(rows: int, found: Standings, gate: Gate) -> Iterator[Measure]:
    """No worse over all, on no label and on few single texts; without one nothing of it is asked."""
    against = found.against
    if against is None or holes(found):
        yield from unasked()
        return
    yield no_worse(against.macro_f1, gate)
    yield worse_on_texts("gain.p_worse", against.pairs, gate, "on single texts")
    yield broken(against.labels, gate)
    yield fallen(against.labels, found.counts, gate)
    yield forgotten(against.labels, found.counts)
    yield flipped(against.pairs, rows, gate)
