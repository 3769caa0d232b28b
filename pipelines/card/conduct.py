"""How a version behaves beyond single right answers: parts of the texts, capabilities, people, what may be wrong."""

from collections.abc import Iterator

from pipelines.card.figures import share
from pipelines.card.markdown import listed, section, short, table
from pipelines.evaluation.recent import Recent
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.slices import SliceScore

UNKNOWN = "Not measured."


def slices(card: Scorecard) -> str:
    """Every declared slice, also those with too few texts."""
    rows = [_slice(one) for one in card.slices or ()]
    none = UNKNOWN if card.slices is None else "None are declared."
    return section("Slices", table(("slice", "texts", "accuracy", "champion"), rows) if rows else none, level=3)


def _slice(one: SliceScore) -> tuple[str, int, str, str]:
    champion = "–" if one.champion is None or not one.enough else f"{one.champion / one.texts:.3f}"
    return one.name, one.texts, f"{one.accuracy:.3f}" if one.enough else "insufficient", champion


def behaviour(card: Scorecard) -> str:
    """Failure rates of the generated cases, with an example each."""
    heads = ("capability", "kind", "cases", "failed", "rate", "such as")
    rows = [
        (one.name, one.kind, one.cases, one.failed, share(one.rate), short("".join(one.examples[:1])))
        for one in card.behaviour or ()
    ]
    return section("Behaviour", table(heads, rows) if rows else UNKNOWN, level=3)


def fairness(card: Scorecard) -> str:
    """How often naming somebody changes the answer, and the four-fifths ratio."""
    found = card.fairness
    if found is None:
        return section("Fairness", UNKNOWN, level=3)
    rows = [(one.name, one.texts, one.flipped, share(one.rate)) for one in found.groups]
    lowest = "four-fifths rule: insufficient, no label is frequent enough to compare groups by"
    if found.label:
        lowest = f"four-fifths ratio {found.ratio:.3f}, lowest for the label {found.label}"
    return section(
        "Fairness", listed([lowest]), table(("who is named", "texts", "answer changed", "share"), rows), level=3
    )


def doubts(card: Scorecard) -> str:
    """What may be wrong with data and labels, and what people said last."""
    return section("Doubts", listed([*_doubts(card), *_recent(card.recent)]), level=3)


def _doubts(card: Scorecard) -> Iterator[str]:
    if card.doubts is None:
        yield "suspected label errors and leaks were not counted"
    else:
        yield f"{card.doubts.suspects} labels look like errors; label-errors.csv beside the pictures lists them"
        yield f"{card.doubts.leaks} train texts are nearly held-out texts"
    if card.harmful:
        yield f"words in labels that nobody should read: {', '.join(card.harmful)}"


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
