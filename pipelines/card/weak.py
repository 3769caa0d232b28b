"""What a version is known to be bad at: where people should look twice."""

from collections.abc import Iterator, Sequence

from pipelines.card.figures import share
from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.slices import SliceScore
from pipelines.kinds.known import find

WORST = 3  # of slices and capabilities are named


def weak(lineage: Lineage) -> str:
    """The answers and slices that are worst, the capabilities that fail most, and what too few texts say nothing of."""
    card = lineage.scorecard
    if card is None:
        return section("Known to be weak", "Not known: there is no scorecard.")
    answers, slices = find(lineage.kind).report.weak(card), card.attached("slices", tuple[SliceScore, ...]) or ()
    capabilities = card.attached("behaviour", tuple[Capability, ...]) or ()
    named = [*answers.worst, *_slices(card, slices), *_capabilities(capabilities), *_unknown(answers.unknown, slices)]
    return section("Known to be weak", listed(named) or "Nothing was found.")


def _slices(card: Scorecard, slices: Sequence[SliceScore]) -> Iterator[str]:
    """Those that are less often right than all texts."""
    whole = card.measure("test.accuracy")
    told = [(one.accuracy, one.name, one.texts) for one in slices if one.enough]
    for score, name, texts in sorted(told)[:WORST]:
        if whole and whole.value is not None and score < whole.value:
            yield f"slice {name}: accuracy {score:.3f} on {texts} texts"


def _capabilities(capabilities: Sequence[Capability]) -> Iterator[str]:
    failed = [one for one in capabilities if one.failed]
    for one in sorted(failed, key=lambda one: -one.rate)[:WORST]:
        yield f"capability {one.name}: {one.failed} of {one.cases} cases failed ({share(one.rate)})"


def _unknown(answers: Sequence[str], slices: Sequence[SliceScore]) -> Iterator[str]:
    if few := [*answers, *(f"slice {one.name}" for one in slices if not one.enough)]:
        yield f"too few texts to say: {', '.join(few)}"
