"""How often a challenger gives the right labels, as measures: floors, every label, and the baselines."""

from collections.abc import Iterator

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.paired import Paired
from pipelines.inference.artefact import card as package_card
from pipelines.kinds.known import target_of_card
from pipelines.kinds.labelled.floors import by_label, over_all, over_baselines, some_texts
from pipelines.kinds.multilabel.evaluation.set_scores import ATTACHED, Standings, standings


def quality(case: Case) -> Iterator[Measure | Attachment]:
    """What must be there before anything counts, floors over all and by label, and what informs."""
    found = case.shared(standings)
    yield Attachment(ATTACHED, found)
    yield Attachment("against", found.against and Paired(found.against.whole, found.against.lost))
    yield from premises(case)
    yield from floors(found, case.gate)
    yield from contestants(found)


def premises(case: Case) -> Iterator[Measure]:
    """Test texts, and a challenger that answers what is declared."""
    yield some_texts(len(case.test))
    known = target_of_card(package_card(case.contest.packages[CHALLENGER]))
    if not known.answers_as(case.spec.target):
        said = f"it answers {known.expected}; declared are {case.spec.target.expected}: train again"
        yield Measure("test.labels", None, direction="at least", premise=True, wording=said)


def floors(found: Standings, gate: Gate) -> Iterator[Measure]:
    """Of macro-F1, of the share of texts with exactly their labels, and of every label's recall."""
    yield from over_all(found.challenger.macro_f1, found.challenger.accuracy, gate, "texts with exactly their labels")
    yield by_label(found.counts, [label for label, (_, texts) in found.counts.items() if not texts], gate)


def contestants(found: Standings) -> Iterator[Measure]:
    """What informs: micro-F1, the others' scores, and F1 by label."""
    micro = found.challenger.micro_f1
    yield Measure("test.micro_f1", micro.value, micro.low, micro.high)
    if found.champion:
        yield Measure("champion.macro_f1", found.champion.macro_f1.value)
    for label, row in found.per_label.items():
        yield Measure(f"test.f1.{label}", row.f1)
    yield Measure("tfidf.macro_f1", found.tfidf.macro_f1.value)
    yield Measure("majority.accuracy", found.commonest.accuracy.value)


def baselines(case: Case) -> Iterator[Measure]:
    """What a first model must show over TF-IDF and the commonest labels; else the lead informs."""
    found = case.shared(standings)
    better = found.challenger.accuracy.value - found.commonest.accuracy.value
    right = "no more texts right whole than by always giving the commonest labels"
    yield from over_baselines(found.lead, better, case.gate, first=found.against is None, right=right)
