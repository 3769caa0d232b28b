"""How often a challenger is right, as measures of labels: floors, and what it has over the baselines."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from pipelines.catalog.spec import Gate
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.measure import Measure, counted, floor, missing
from pipelines.evaluation.significance import holm, p_below
from pipelines.kinds.labelled.against_champion import Counts

UNDER, ASKED = "test.labels_under_floor", ("recall", "alpha")


def some_texts(rows: int) -> Measure:
    """Without test texts nothing counts."""
    wording = missing("any test text") if rows < 1 else ""
    return Measure("test.texts", rows, limit=1, direction="at least", premise=True, wording=wording)


def over_all(macro_f1: Interval, accuracy: Interval, gate: Gate, right: str) -> Iterator[Measure]:
    """Floors of macro-F1 and of the share of `right` texts, in words."""
    yield _between(floor("test.macro_f1", macro_f1.value, gate.macro_f1, "macro-F1", "macro_f1"), macro_f1)
    yield _between(floor("test.accuracy", accuracy.value, gate.accuracy, right, "accuracy"), accuracy)


def _between(measure: Measure, found: Interval) -> Measure:
    return replace(measure, low=found.low, high=found.high)


def by_label(counts: Counts, absent: Collection[str], gate: Gate) -> Measure:
    """Recall of each label, with one wrong refusal in all at most `alpha` likely; a label without texts shows none."""
    if gate.recall > 0 and absent:
        said = f"no test text of {', '.join(sorted(absent))}: bring more messages, or declare gate.recall = 0"
        return counted(UNDER, len(absent), said, *ASKED)
    chances = {label: p_below(hits, texts, gate.recall) for label, (hits, texts) in counts.items() if texts}
    under = holm(chances, gate.alpha)
    said = ", ".join(f"{label} ({counts[label][0]} of {counts[label][1]})" for label in under)
    return counted(UNDER, len(under), f"recall under {gate.recall:.2f}: {said}", *ASKED)


def over_baselines(lead: Interval, better: float, gate: Gate, *, first: bool, right: str) -> Iterator[Measure]:
    """Asked of the `first` model, of which `right` says what is no better; else the lead over TF-IDF informs."""
    about = Measure("lead.macro_f1", lead.value, lead.low, lead.high, gate=("lead",))
    if not first:
        yield about
        return
    said = "reaches" if lead.value >= gate.lead else "is under"
    wording = f"macro-F1 {lead.value:+.3f} over TF-IDF {said} {gate.lead:+.3f}"
    yield replace(about, limit=gate.lead, direction="at least", wording=wording)
    yield Measure("lead.accuracy", better, limit=0, direction="at least", wording="" if better >= 0 else right)
