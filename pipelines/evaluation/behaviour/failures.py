"""Checks of behaviour cases, by the kind of capability."""

from collections.abc import Sequence

from pipelines.evaluation.behaviour.capability import Capability, Kind
from pipelines.evaluation.behaviour.cases import MAX_EXAMPLES, AnsweredTexts, BehaviourCase
from pipelines.evaluation.model_answers import Ask


def check_answers(name: str, cases: Sequence[tuple[str, str]], ask: Ask) -> Capability:
    """Check the answers to texts against their cells."""
    answers = ask([text for text, _ in cases])
    failures = [
        f"'{text}': {cell} -> {answer}"
        for (text, cell), answer in zip(cases, answers.cells, strict=True)
        if answer != cell
    ]
    return to_capability(name, "minimum functionality", cases, failures)


def check_low_confidence(
    name: str, texts: Sequence[str], threshold: float, ask: Ask, empty_cell: str | None = None
) -> Capability:
    """Check that each answer has less confidence than the threshold, or is `empty_cell` ("none of these")."""
    answers = ask(texts)
    failures = [
        f"'{text}': {cell} {confidence:.2f}"
        for text, cell, confidence in zip(texts, answers.cells, answers.confidences, strict=True)
        if cell != empty_cell and confidence >= threshold
    ]
    return to_capability(name, "minimum functionality", texts, failures)


def check_invariance(name: str, base: AnsweredTexts, cases: Sequence[BehaviourCase], ask: Ask) -> Capability:
    """Check that each changed text has the same answer as its base text."""
    before = [base.answers.cells[case.base_index] for case in cases]
    after = ask([case.text for case in cases]).cells
    failures = [
        base.format_failure(case, f"{cell} -> {changed}")
        for case, cell, changed in zip(cases, before, after, strict=True)
        if cell != changed
    ]
    return to_capability(name, "invariance", cases, failures)


def to_capability(name: str, kind: Kind, cases: Sequence[object], failures: Sequence[str]) -> Capability:
    """Return a capability from its cases and the lines of those that failed."""
    return Capability(name, kind, len(cases), len(failures), tuple(failures[:MAX_EXAMPLES]))
