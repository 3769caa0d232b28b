"""What a version is known to be bad at: where people should look twice."""

from collections.abc import Iterator

from pipelines.card.figures import share
from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section
from pipelines.evaluation.scorecard import Scorecard

LEAST, WORST = 20, 3  # texts that a label needs before its F1 says something; how many of each kind are named


def weak(lineage: Lineage) -> str:
    """The labels and slices answered worst, the capabilities that fail most, and what too few texts say nothing of."""
    card = lineage.scorecard
    if card is None:
        return section("Known to be weak", "Not known: there is no scorecard.")
    named = [*_labels(card), *_slices(card), *_capabilities(card), *_unknown(card)]
    return section("Known to be weak", listed(named) or "Nothing was found.")


def _labels(card: Scorecard) -> Iterator[str]:
    told = [(row["f1"], label, row["support"]) for label, row in card.labelled() if row["support"] >= LEAST]
    for score, label, texts in sorted(told)[:WORST]:
        if score < card.challenger.macro_f1.value:
            yield f"label {label}: F1 {score:.3f} on {texts:.0f} texts"


def _slices(card: Scorecard) -> Iterator[str]:
    told = [(one.accuracy, one.name, one.texts) for one in card.slices or () if one.enough]
    for score, name, texts in sorted(told)[:WORST]:
        if score < card.challenger.accuracy.value:
            yield f"slice {name}: accuracy {score:.3f} on {texts} texts"


def _capabilities(card: Scorecard) -> Iterator[str]:
    failed = [one for one in card.behaviour or () if one.failed]
    for one in sorted(failed, key=lambda one: -one.rate)[:WORST]:
        yield f"capability {one.name}: {one.failed} of {one.cases} cases failed ({share(one.rate)})"


def _unknown(card: Scorecard) -> Iterator[str]:
    few = [label for label, row in card.labelled() if row["support"] < LEAST]
    few += [f"slice {one.name}" for one in card.slices or () if not one.enough]
    if few:
        yield f"too few texts to say: {', '.join(few)}"
