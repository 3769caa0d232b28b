"""How a version behaves beyond single right answers: parts of the texts, capabilities, people, what may be wrong."""

from collections.abc import Iterator, Sequence

from pipelines.card.figures import UNMEASURED, share
from pipelines.card.markdown import listed, section, short, table
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness
from pipelines.evaluation.recent_feedback import Recent
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.slices import SliceScore


def slices(card: Scorecard) -> str:
    """Every declared slice, also those with too few texts."""
    found = card.attached("slices", tuple[SliceScore, ...])
    rows = [_slice(one) for one in found or ()]
    none = UNMEASURED if found is None else "None are declared."
    return section("Slices", table(("slice", "texts", "accuracy", "champion"), rows) if rows else none, level=3)


def _slice(one: SliceScore) -> tuple[str, int, str, str]:
    champion = "–" if one.champion is None or not one.enough else f"{one.champion / one.texts:.3f}"
    return one.name, one.texts, f"{one.accuracy:.3f}" if one.enough else "insufficient", champion


def behaviour(card: Scorecard) -> str:
    """Failure rates of the generated cases, with an example each."""
    heads = ("capability", "kind", "cases", "failed", "rate", "such as")
    rows = [
        (one.name, one.kind, one.cases, one.failed, share(one.rate), short("".join(one.examples[:1])))
        for one in card.attached("behaviour", tuple[Capability, ...]) or ()
    ]
    return section("Behaviour", table(heads, rows) if rows else UNMEASURED, level=3)


def fairness(card: Scorecard) -> str:
    """How often naming somebody changes the answer, and the four-fifths ratio."""
    found = card.attached("fairness", Fairness)
    if found is None:
        return section("Fairness", UNMEASURED, level=3)
    rows = [(one.name, one.texts, one.flipped, share(one.rate)) for one in found.groups]
    lowest = "four-fifths rule: insufficient, no label is frequent enough to compare groups by"
    if found.label:
        lowest = f"four-fifths ratio {found.ratio:.3f}, lowest for the label {found.label}"
    return section(
        "Fairness", listed([lowest]), table(("who is named", "texts", "answer changed", "share"), rows), level=3
    )


def doubts(card: Scorecard, known: Sequence[str]) -> str:
    """What may be wrong with data and answers, of which some is known, and what people said last."""
    if not {"doubts", "recent"} & card.attachments.keys():
        return ""
    lines = [*known, *_harmful(card), *_recent(card.attached("recent", Recent))]
    return section("Doubts", listed(lines), level=3)


def _harmful(card: Scorecard) -> Iterator[str]:
    if words := card.attached("harmful", tuple[str, ...]):
        yield f"words in labels that nobody should read: {', '.join(words)}"


def _recent(found: Recent | None) -> Iterator[str]:
    if found is None:
        yield "recent feedback was not looked at"
    elif not found.enough:
        yield f"recent feedback: {found.texts} texts are too few to say something"
    else:
        right = f"{found.right} of {found.texts} right ({share(found.right / found.texts)})"
        yield f"recent feedback since {found.since}: {right}"
        if found.against:
            pairs = found.against.pairs
            yield f"beside the champion on recent feedback: {pairs.gained} gained, {pairs.lost} lost"
