"""How often a challenger is right, as measures: floors, every label, and TF-IDF where there is no champion."""

from collections.abc import Iterable, Iterator

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure, unshown
from pipelines.kinds.classification.evaluation.label_scores import Standings, holes, standings
from pipelines.kinds.labelled.floors import ASKED, UNDER, by_label, over_all, over_baselines, some_texts


def quality(case: Case) -> Iterator[Measure | Attachment]:
    """What the declared floors ask, and everything that is known of the contestants."""
    found = case.shared(standings)
    yield from found.attachments()
    yield from premises(len(case.test), found)
    yield from floors(found, case.gate)
    yield from contestants(found)


def baselines(case: Case) -> Iterable[Measure]:
    """What a first model must show over TF-IDF and the commonest label."""
    return over_the_baselines(case.shared(standings), case.gate)


def premises(rows: int, found: Standings) -> Iterator[Measure]:
    """What there must be before anything counts: texts, the declared labels, both contestants."""
    yield some_texts(rows)
    for reason in holes(found):
        yield Measure("test.labels", None, direction="at least", premise=True, wording=reason)


def floors(found: Standings, gate: Gate) -> Iterator[Measure]:
    """Absolute ones, over all and by label."""
    yield from over_all(found.challenger.macro_f1, found.challenger.accuracy, gate, "accuracy")
    if holes(found):
        yield unshown(UNDER, "how it does on each label", *ASKED)
    else:
        yield by_label(found.counts, set(found.labels) - found.counts.keys(), gate)


def contestants(found: Standings) -> Iterator[Measure]:
    """What informs: the others' scores, and F1 by label."""
    if found.champion:
        yield Measure("champion.macro_f1", found.champion.macro_f1.value)
    for label, row in found.per_label.items():
        yield Measure(f"test.f1.{label}", row.get("f1"))
    yield Measure("tfidf.macro_f1", found.tfidf.macro_f1.value)
    yield Measure("majority.accuracy", found.majority.accuracy.value)


def over_the_baselines(found: Standings, gate: Gate) -> Iterator[Measure]:
    """Asked where there is no champion; else the lead informs."""
    better = found.challenger.accuracy.value - found.majority.accuracy.value
    right = "no more accurate than always saying the commonest label"
    yield from over_baselines(found.lead, better, gate, first=found.against is None, right=right)
