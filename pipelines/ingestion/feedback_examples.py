"""Training examples from feedback: only declared labels, no held-out text, one per text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.cutting import masked_message
from pipelines.ingestion.leakage_filter import FEEDBACK, Example
from pipelines.ingestion.quarantine import Entry, entry
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, REPEATED_FEEDBACK, UNKNOWN_FEEDBACK
from pipelines.ingestion.rows import Rejected
from pipelines.ingestion.splits import Splits
from pipelines.masking.mask import mask
from pipelines.store.labelled_feedback import LabelledText


@dataclass(frozen=True)
class FeedbackExamples:
    """Examples, quarantined feedback, the number of rows, and those left out by reason."""

    examples: list[Example]
    quarantined: tuple[Entry, ...]
    read: int
    left_out: Counter[str]


def feedback_examples(feedback: Iterable[LabelledText], splits: Splits, spec: ModelSpec) -> FeedbackExamples:
    """Feedback for training; the last label of a text counts, and a label of the source takes precedence."""
    left_out: Counter[str] = Counter()
    latest: dict[str, LabelledText] = {}
    quarantined: list[Entry] = []
    number = 0
    for number, labelled in enumerate(feedback, start=1):
        cell = spec.target.read(labelled.label)
        if cell is None:
            left_out[UNKNOWN_FEEDBACK] += 1
            rejected = Rejected(number, UNKNOWN_FEEDBACK, labelled.text)
            quarantined.append(entry("feedback:", rejected, spec.source.masking))
        elif splits.holds_out(labelled.key):
            left_out[HELD_OUT_FEEDBACK] += 1
        else:
            left_out[REPEATED_FEEDBACK] += labelled.key in splits.train_keys or labelled.key in latest
            latest[labelled.key] = replace(labelled, label=cell)
    examples = [_example(labelled, spec) for key, labelled in latest.items() if key not in splits.train_keys]
    return FeedbackExamples(examples, tuple(quarantined), number, left_out)


def _example(labelled: LabelledText, spec: ModelSpec) -> Example:
    # Masked again: it costs nothing, and a missed mask upstream does not reach the disk here.
    mask_text = partial(mask, rules=spec.source.masking)
    message = masked_message(labelled.text, mask_text, spec.source.max_characters, spec.recipe.truncation)
    return Example(labelled.key, message.text, labelled.label, FEEDBACK, spec.recipe.alpha)
