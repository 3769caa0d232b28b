"""What it is to fail a case, by the kind of its capability."""

from collections.abc import Sequence

from pipelines.evaluation.answers import Ask
from pipelines.evaluation.behaviour.capability import Capability, Kind
from pipelines.evaluation.behaviour.cases import SHOWN, Asked, Case


def right(name: str, cases: Sequence[tuple[str, str]], ask: Ask) -> Capability:
    """Each case is a text with the label that it must be answered with."""
    answers = ask([text for text, _ in cases])
    failures = [
        f"'{text}': {label} -> {answer}"
        for (text, label), answer in zip(cases, answers.labels, strict=True)
        if answer != label
    ]
    return _counted(name, "minimum functionality", cases, failures)


def unsure(name: str, texts: Sequence[str], threshold: float, ask: Ask) -> Capability:
    """Every text must be answered with less confidence than the threshold."""
    answers = ask(texts)
    failures = [
        f"'{text}': {label} {sure:.2f}"
        for text, label, sure in zip(texts, answers.labels, answers.sure, strict=True)
        if sure >= threshold
    ]
    return _counted(name, "minimum functionality", texts, failures)


def same(name: str, base: Asked, cases: Sequence[Case], ask: Ask) -> Capability:
    """Every changed text must be answered as its base text was."""
    before = [base.answers.labels[case.place] for case in cases]
    after = ask([case.text for case in cases]).labels
    failures = [
        base.told(case, f"{label} -> {other}")
        for case, label, other in zip(cases, before, after, strict=True)
        if label != other
    ]
    return _counted(name, "invariance", cases, failures)


def directed(
    name: str, base: Asked, cases: Sequence[tuple[Case, str]], allowed: tuple[float, float], ask: Ask
) -> Capability:
    """The probability of the label beside each case may move from the base text's by as much as is allowed."""
    after = ask([case.text for case, _ in cases])
    lowest, highest = allowed
    failures = []
    for place, (case, label) in enumerate(cases):
        old, new = base.answers.of(label)[case.place], after.of(label)[place]
        if not lowest <= new - old <= highest:
            failures.append(base.told(case, f"{label} {old:.2f} -> {new:.2f}"))
    return _counted(name, "direction", cases, failures)


def _counted(name: str, kind: Kind, cases: Sequence[object], failures: Sequence[str]) -> Capability:
    return Capability(name, kind, len(cases), len(failures), tuple(failures[:SHOWN]))
