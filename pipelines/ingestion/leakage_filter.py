"""What may be learned from: nothing that is nearly a held-out text, and nothing twice."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingestion import near_duplicates

SOURCE, FEEDBACK = "source", "feedback"


@dataclass(frozen=True)
class Example:
    """One masked text with its label, and how much it weighs in the loss."""

    key: str
    text: str
    label: str
    origin: str
    weight: float
    channel: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Filtered:
    """What is left to learn from, and counts: leaks, held_out_feedback, near_duplicates."""

    train: list[Example]
    counts: Counter[str]


def remove_leaks(train: Sequence[Example], test: Sequence[str]) -> Filtered:
    """Train without what is nearly a test text and without near duplicates; source goes before feedback, then by key.

    Near duplicates with different labels both stay: which of them is wrong is not for this step to say.
    """
    ordered = sorted(train, key=lambda example: (example.origin == FEEDBACK, example.key))
    prints = near_duplicates.prints([*test, *(example.text for example in ordered)])
    held_out = near_duplicates.Index(prints[: len(test)])
    known: defaultdict[str, near_duplicates.Index] = defaultdict(near_duplicates.Index)
    kept, counts = [], Counter[str]()
    for example, print_ in zip(ordered, prints[len(test) :], strict=True):
        if print_ in held_out:
            counts["held_out_feedback" if example.origin == FEEDBACK else "leaks"] += 1
        elif print_ in known[example.label]:
            counts["near_duplicates"] += 1
        else:
            known[example.label].add(print_)
            kept.append(example)
    return Filtered(kept, counts)
