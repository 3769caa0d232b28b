"""Card section on known weak points."""

from collections.abc import Iterator, Sequence

from pipelines.card.lineage import Lineage
from pipelines.card.markdown import bullet_list, section
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.figures import share
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.slices import SliceScore
from pipelines.kinds.known import find_kind

WORST = 3  # number of slices and of capabilities that are named


def weak_points(lineage: Lineage) -> str:
    """The worst answers, slices and capabilities, and those with too few texts to judge."""
    card = lineage.scorecard
    if card is None:
        return section("Known to be weak", "Not known: there is no scorecard.")
    answers = find_kind(lineage.kind).report.weak_answers(card)
    slices = card.read_attachment("slices", tuple[SliceScore, ...]) or ()
    capabilities = card.read_attachment("behaviour", tuple[Capability, ...]) or ()
    lines = [*answers.worst, *_slices(card, slices), *_capabilities(capabilities), *_unknown(answers.unknown, slices)]
    return section("Known to be weak", bullet_list(lines) or "Nothing was found.")


def _slices(card: Scorecard, slices: Sequence[SliceScore]) -> Iterator[str]:
    """The slices with a lower accuracy than all texts."""
    overall = card.measure("test.accuracy")
    scores = [(slice_.accuracy, slice_.name, slice_.texts) for slice_ in slices if slice_.enough]
    for score, name, texts in sorted(scores)[:WORST]:
        if overall and overall.value is not None and score < overall.value:
            yield f"slice {name}: accuracy {score:.3f} on {texts} texts"


def _capabilities(capabilities: Sequence[Capability]) -> Iterator[str]:
    failed = [row for row in capabilities if row.failed]
    for row in sorted(failed, key=lambda row: -row.rate)[:WORST]:
        yield f"capability {row.name}: {row.failed} of {row.cases} cases failed ({share(row.rate)})"


def _unknown(answers: Sequence[str], slices: Sequence[SliceScore]) -> Iterator[str]:
    if names := [*answers, *(f"slice {slice_.name}" for slice_ in slices if not slice_.enough)]:
        yield f"too few texts to say: {', '.join(names)}"
