"""What a version was shown to do on held-out texts, beside the champion of then."""

from collections.abc import Iterator

from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section, short, table
from pipelines.evaluation.paired import Paired
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.report import Part


def part(told: Part) -> str:
    """A part that a kind shows."""
    shown = table(told.heads, told.rows) if told.heads else ""
    return section(told.title, told.said, shown, listed(told.lines), level=3)


def flips(lineage: Lineage, card: Scorecard) -> str:
    """The texts that the champion had right and this version has wrong."""
    if "against" not in card.attachments:
        return ""
    against = card.attached("against", Paired)
    if against is None:
        return section("Lost to the champion", "There was no champion to compare with.", level=3)
    rows = [(short(text), label, answer) for text, label, answer in lineage.flips or ()]
    shown = "" if lineage.flips is None else table(("text", "label", "answer"), rows) if rows else ""
    gone = "flips.csv is gone: the texts cannot be shown." if lineage.flips is None and against.lost else ""
    return section("Lost to the champion", listed(_compared(against, card.rows)), shown, gone, level=3)


def _compared(against: Paired, rows: int) -> Iterator[str]:
    yield f"{len(against.lost)} of {rows:,} texts were right and are wrong now (negative flips)"
    yield f"{against.pairs.gained} gained, {against.pairs.lost} lost"
