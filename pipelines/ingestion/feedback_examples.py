"""What people answered, as examples to learn from: only declared labels, never a held-out text, one per text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.leakage_filter import FEEDBACK, Example
from pipelines.ingestion.quarantine import Entry, entry
from pipelines.ingestion.rows import UNKNOWN_LABEL, Rejected
from pipelines.ingestion.splits import Splits
from pipelines.masking.mask import mask
from pipelines.store.labelled_feedback import LabelledText


@dataclass(frozen=True)
class Answers:
    """Examples, quarantined answers, and counts: read, duplicates, held_out_feedback."""

    examples: list[Example]
    bad: tuple[Entry, ...]
    counts: Counter[str]


def answers(feedback: Iterable[LabelledText], pools: Splits, spec: ModelSpec) -> Answers:
    """Feedback that may be learned from; the last answer to a text counts, and the source's own label goes before."""
    counts: Counter[str] = Counter()
    latest: dict[str, LabelledText] = {}
    bad: list[Entry] = []
    for number, answer in enumerate(feedback, start=1):
        counts["read"] += 1
        cell = spec.target.read(answer.label)
        if cell is None:
            rejected = Rejected(number, UNKNOWN_LABEL, answer.text)
            bad.append(entry("feedback:", rejected, spec.source.keep_handles))
        elif pools.holds_out(answer.key):
            counts["held_out_feedback"] += 1
        else:
            counts["duplicates"] += answer.key in pools.train or answer.key in latest
            latest[answer.key] = replace(answer, label=cell)
    examples = [_example(answer, spec) for key, answer in latest.items() if key not in pools.train]
    return Answers(examples, tuple(bad), counts)


def _example(answer: LabelledText, spec: ModelSpec) -> Example:
    # Masked again: it costs nothing, and a mistake upstream does not reach the disk here.
    text = mask(answer.text, spec.source.keep_handles)
    return Example(answer.key, text, answer.label, FEEDBACK, spec.recipe.alpha)
