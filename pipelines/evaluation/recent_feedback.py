"""Recent feedback on texts that no model learns from: shows a shift away from the test split."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, missing_measure, to_plain
from pipelines.evaluation.paired import Paired, mcnemar_measure, pair_answers
from pipelines.ingestion.duplicate_rows import nearly
from pipelines.ingestion.splits import TEST
from pipelines.ingestion.text import bucket
from pipelines.kinds.target import Target
from pipelines.statistics.significance import Pairs, p_below
from pipelines.store.labelled_feedback import LabelledText

MOST, LEAST = 1000, 50  # recent texts: the newest are used; with fewer nothing is decided


class PairedResult(Protocol):
    """A kind's comparison of challenger and champion on the same texts; it becomes an attachment."""

    @property
    def pairs(self) -> Pairs:
        """Numbers of texts that only one of the two has right."""


Compare = Callable[[Case, pd.DataFrame, Sequence[str], Sequence[str]], PairedResult]


@dataclass(frozen=True)
class RecentScores:
    """Right answers to recent texts, which decide only if there are `enough`. `since` is the first feedback row."""

    texts: int
    right: int
    enough: bool
    since: int
    against: Paired | None = None


def compare_pairs(_case: Case, texts: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str]) -> Paired:
    """Compare both contestants on `texts` (columns key, text, label, customer); an answer is right if its cell is."""
    return pair_answers(_right(challenger, texts), _right(champion, texts))


def measure_recent(case: Case, compare: Compare = compare_pairs) -> Iterator[Measure | Attachment]:
    """Score both contestants on recent feedback; single texts are compared, so that a hundred of them suffice."""
    texts = pd.DataFrame(
        [{"key": row.key, "text": row.text, "label": row.label, "customer": row.customer} for row in case.recent]
    )
    roles = case.service.packages if len(texts) else ()
    cells = {role: case.service.ask(role, texts["text"].tolist()).cells for role in roles}
    comparison = compare(case, texts, cells[CHALLENGER], cells[CHAMPION]) if CHAMPION in cells else None
    scores = _recent_scores(case, _right(cells[CHALLENGER], texts) if cells else [], comparison)
    yield Attachment("recent", {**to_plain(scores), "against": to_plain(comparison)})
    yield from recent_measures(scores, case.gate)


def recent_measures(scores: RecentScores | None, gate: Gate) -> Iterator[Measure]:
    """Compare recent accuracy with the floor and with the champion, if there is enough recent feedback."""
    if scores is None:
        yield missing_measure("recent", "recent feedback")
    elif scores.enough:
        yield Measure("recent.accuracy", scores.right / scores.texts)
        yield _floor_measure(scores.right, scores.texts, gate)
        if scores.against:
            yield mcnemar_measure("recent.p_worse", scores.against.pairs, gate, "on recent texts")


def _recent_scores(case: Case, right: Sequence[bool], comparison: PairedResult | None) -> RecentScores:
    since = case.recent[0].feedback if case.recent else 0
    return RecentScores(
        len(right), sum(right), len(right) >= LEAST, since, Paired(comparison.pairs) if comparison else None
    )


def _right(cells: Sequence[str], texts: pd.DataFrame) -> list[bool]:
    return [cell == label for cell, label in zip(cells, texts["label"], strict=True)]


def _floor_measure(right: int, texts: int, gate: Gate) -> Measure:
    """Refuse if the accuracy on recent texts is significantly under `gate.min_accuracy`."""
    p_value = p_below(right, texts, gate.min_accuracy)
    finding = f"{right} of {texts} recent texts are right, under the floor {gate.min_accuracy:.3f}"
    wording = finding if p_value < gate.alpha else ""
    return Measure("recent.p_floor", p_value, limit=gate.alpha, direction="at least", gate=("alpha",), wording=wording)


def texts_and_labels(labelled: Sequence[LabelledText]) -> pd.DataFrame:
    """Return the evidence of recent feedback: masked texts, labels, and ids of the feedback rows."""
    return pd.DataFrame(
        [{"key": row.key, "text": row.text, "label": row.label, "feedback": row.feedback} for row in labelled]
    )


def select_recent(
    labelled: Sequence[LabelledText], target: Target, train: pd.DataFrame, test: pd.DataFrame
) -> list[LabelledText]:
    """Return the newest feedback with a valid label on texts that are held out by their hash, oldest first.

    Texts of the train and test snapshots and near-duplicates of learnt texts are left out.
    """
    known = {*train["key"], *test["key"]}
    held_out = [row for row in labelled if bucket(row.key) < TEST and row.key not in known]
    cells = [(row, target.read(row.label)) for row in held_out]
    newest = [replace(row, label=cell) for row, cell in cells if cell is not None][-MOST:]
    if not newest:
        return []
    learnt = [*train["text"], *(row.text for row in labelled if bucket(row.key) >= TEST)]
    is_known = nearly(learnt, [row.text for row in newest])
    return [row for row, is_near in zip(newest, is_known, strict=True) if not is_near]
