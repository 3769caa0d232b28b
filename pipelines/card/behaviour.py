"""Card sections beyond accuracy: slices, capabilities, fairness, and warnings about data and answers."""

from collections.abc import Iterator, Sequence

from pipelines.card.markdown import bullet_list, section, short, table
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness
from pipelines.evaluation.figures import UNMEASURED, share
from pipelines.evaluation.recent_feedback import RecentScores
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.slices import SliceScore


def slices(card: Scorecard) -> str:
    """Accuracy of every declared slice; slices with too few texts are marked insufficient."""
    scores = card.read_attachment("slices", tuple[SliceScore, ...])
    rows = [_slice(score) for score in scores or ()]
    empty = UNMEASURED if scores is None else "None are declared."
    return section("Slices", table(("slice", "texts", "accuracy", "champion"), rows) if rows else empty, level=3)


def _slice(score: SliceScore) -> tuple[str, int, str, str]:
    champion = "–" if score.champion is None or not score.enough else f"{score.champion / score.texts:.3f}"
    return score.name, score.texts, f"{score.accuracy:.3f}" if score.enough else "insufficient", champion


def behaviour(card: Scorecard) -> str:
    """Failure rates of the generated test cases, with an example each."""
    columns = ("capability", "kind", "cases", "failed", "rate", "such as")
    rows = [
        (row.name, row.kind, row.cases, row.failed, share(row.rate), short("".join(row.examples[:1])))
        for row in card.read_attachment("behaviour", tuple[Capability, ...]) or ()
    ]
    return section("Behaviour", table(columns, rows) if rows else UNMEASURED, level=3)


def fairness(card: Scorecard) -> str:
    """The share of answers that change with the person named, and the four-fifths ratio."""
    result = card.read_attachment("fairness", Fairness)
    if result is None:
        return section("Fairness", UNMEASURED, level=3)
    rows = [(group.name, group.texts, group.flipped, share(group.rate)) for group in result.groups]
    lowest = "four-fifths rule: insufficient, no label is frequent enough to compare groups by"
    if result.label:
        lowest = f"four-fifths ratio {result.ratio:.3f}, lowest for the label {result.label}"
    return section(
        "Fairness", bullet_list([lowest]), table(("who is named", "texts", "answer changed", "share"), rows), level=3
    )


def data_warnings(card: Scorecard, lines: Sequence[str]) -> str:
    """Warnings about data and labels, the given `lines` first, and the result on recent feedback."""
    if not {"doubts", "recent"} & card.attachments.keys():
        return ""
    warnings = [*lines, *_harmful(card), *_recent(card.read_attachment("recent", RecentScores))]
    return section("Doubts", bullet_list(warnings), level=3)


def _harmful(card: Scorecard) -> Iterator[str]:
    if words := card.read_attachment("harmful", tuple[str, ...]):
        yield f"words in labels that nobody should read: {', '.join(words)}"


def _recent(scores: RecentScores | None) -> Iterator[str]:
    if scores is None:
        yield "recent feedback was not looked at"
    elif not scores.enough:
        yield f"recent feedback: {scores.texts} texts are too few to say something"
    else:
        right = f"{scores.right} of {scores.texts} right ({share(scores.right / scores.texts)})"
        yield f"recent feedback since {scores.since}: {right}"
        if scores.against:
            pairs = scores.against.pairs
            yield f"beside the champion on recent feedback: {pairs.gained} gained, {pairs.lost} lost"
