"""What it is to fail a case, by the kind of its capability."""

from collections.abc import Sequence

from pipelines.evaluation.behaviour.capability import Capability, Kind
from pipelines.evaluation.behaviour.cases import SHOWN, Asked, Case
from pipelines.evaluation.model_answers import Ask


def right(name: str, cases: Sequence[tuple[str, str]], ask: Ask) -> Capability:
    """Each case is a text with the cell that it must be answered with."""
    answers = ask([text for text, _ in cases])
    failures = [
        f"'{text}': {cell} -> {answer}"
        for (text, cell), answer in zip(cases, answers.cells, strict=True)
        if answer != cell
    ]
    return counted(name, "minimum functionality", cases, failures)


def unsure(name: str, texts: Sequence[str], threshold: float, ask: Ask, nothing: str | None = None) -> Capability:
    """Every text must be answered with less confidence than the threshold, or with the cell of "none of these"."""
    answers = ask(texts)
    failures = [
        f"'{text}': {cell} {sure:.2f}"
        for text, cell, sure in zip(texts, answers.cells, answers.sure, strict=True)
        if cell != nothing and sure >= threshold
    ]
    return counted(name, "minimum functionality", texts, failures)


def same(name: str, base: Asked, cases: Sequence[Case], ask: Ask) -> Capability:
    """Every changed text must be answered as its base text was."""
    before = [base.answers.cells[case.place] for case in cases]
    after = ask([case.text for case in cases]).cells
    failures = [
        base.told(case, f"{cell} -> {other}")
        for case, cell, other in zip(cases, before, after, strict=True)
        if cell != other
    ]
    return counted(name, "invariance", cases, failures)


def counted(name: str, kind: Kind, cases: Sequence[object], failures: Sequence[str]) -> Capability:
    """A capability by its cases and, in a line each, those that failed."""
    return Capability(name, kind, len(cases), len(failures), tuple(failures[:SHOWN]))
