"""What a version was shown to do on held-out texts, beside the champion of then."""

from collections.abc import Iterator

from pipelines.card.lineage import Lineage
from pipelines.card.markdown import listed, section, short, table
from pipelines.evaluation.comparison import Comparison
from pipelines.evaluation.scorecard import Scorecard


def contestants(card: Scorecard) -> str:
    """Everybody's scores with their intervals."""
    rows = [tuple(row.values()) for row in card.table()]
    said = [f"{card.rows:,} held-out texts; looks at this test split so far: {card.uses}"]
    said += [f"macro-F1 over TF-IDF: {card.lead}"]
    said += [f"macro-F1 over the champion: {card.against.macro_f1}"] if card.against else []
    return section("Contestants", table(("who", "macro-F1", "accuracy"), rows), listed(said), level=3)


def labels(card: Scorecard) -> str:
    """Precision, recall, F1 and support of every label."""
    names = ("precision", "recall", "f1")
    rows = [
        (label, *(f"{row.get(name, float('nan')):.3f}" for name in names), f"{row['support']:.0f}")
        for label, row in card.per_label.items()
    ]
    return section("Labels", table(("label", "precision", "recall", "F1", "texts"), rows), level=3)


def flips(lineage: Lineage, card: Scorecard) -> str:
    """The texts that the champion had right and this version has wrong."""
    if card.against is None:
        return section("Lost to the champion", "There was no champion to compare with.", level=3)
    rows = [(short(text), label, answer) for text, label, answer in lineage.flips or ()]
    shown = "" if lineage.flips is None else table(("text", "label", "answer"), rows) if rows else ""
    gone = "flips.csv is gone: the texts cannot be shown." if lineage.flips is None and card.against.lost else ""
    return section("Lost to the champion", listed(_compared(card.against, card.rows)), shown, gone, level=3)


def _compared(against: Comparison, rows: int) -> Iterator[str]:
    yield f"{len(against.lost)} of {rows:,} texts were right and are wrong now (negative flips)"
    yield f"{against.pairs.gained} gained, {against.pairs.lost} lost"
