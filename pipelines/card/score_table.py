"""Card sections on the held-out texts, with the champion of that time."""

from collections.abc import Iterator

from pipelines.card.lineage import Lineage
from pipelines.card.markdown import bullet_list, section, short, table
from pipelines.evaluation.paired import Paired
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.report import Part


def report_section(part: Part) -> str:
    """A section that a kind's report provides."""
    rows = table(part.heads, part.rows) if part.heads else ""
    return section(part.title, part.text, rows, bullet_list(part.lines), level=3)


def regressions(lineage: Lineage, card: Scorecard) -> str:
    """The texts that the champion answered right and this version wrong."""
    if "against" not in card.attachments:
        return ""
    against = card.read_attachment("against", Paired)
    if against is None:
        return section("Lost to the champion", "There was no champion to compare with.", level=3)
    rows = [(short(text), label, answer) for text, label, answer in lineage.flips or ()]
    examples = "" if lineage.flips is None else table(("text", "label", "answer"), rows) if rows else ""
    missing = "flips.csv is gone: the texts cannot be shown." if lineage.flips is None and against.lost else ""
    return section("Lost to the champion", bullet_list(_compared(against, card.rows)), examples, missing, level=3)


def _compared(against: Paired, rows: int) -> Iterator[str]:
    yield f"{len(against.lost)} of {rows:,} texts were right and are wrong now (negative flips)"
    yield f"{against.pairs.gained} gained, {against.pairs.lost} lost"
