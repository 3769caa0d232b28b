"""Answers as a table for people."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Column, Table

from pipelines.client.responses import Prediction, PredictResponse

SHOWN_WORDS = 3  # of an explanation; --json has all of them


def answers_table(lines: Sequence[str], response: PredictResponse, explain: bool) -> Table:
    """A row for each text with its answer, and the weightiest words if they are explained."""
    heads = ("label", "score", "text", *(("why",) if explain else ()))
    ids = Column(
        "id", width=max(len(prediction.id) for prediction in response.predictions)
    )  # not cut: `needloop feedback` needs it
    columns = (Column(head, overflow="fold") for head in heads)
    table = Table(ids, *columns, title=f"{response.model} version {response.version}")
    for text, prediction in zip(lines, response.predictions, strict=True):
        labels = ", ".join(prediction.labels) or ("" if prediction.abstained else "none of these")
        label = f"{labels}{' (abstains)' if prediction.abstained else ''}".strip()
        score = "–" if prediction.score is None else f"{prediction.score:.3f}"
        words = (_why(prediction),) if explain else ()
        table.add_row(prediction.id, escape(label), score, escape(text[:80]), *words)
    return table


def _why(prediction: Prediction) -> str:
    return escape(", ".join(f"{word.word} {word.weight:+.2f}" for word in prediction.why[:SHOWN_WORDS]))
