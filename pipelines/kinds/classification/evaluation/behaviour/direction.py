"""Changes that may move a probability one way only: a negation, and more of the same."""

from collections.abc import Iterator, Sequence
from random import Random

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.behaviour.cases import Asked, Case
from pipelines.evaluation.behaviour.failures import counted
from pipelines.evaluation.behaviour.templates import frames
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.classification.evaluation.behaviour.easy import Easy
from pipelines.kinds.labelled.label_probabilities import chances

NO_HIGHER = (-1.0, 0.05)
NO_LOWER = (-0.1, 1.0)


def negation(spec: ModelSpec, easy: Easy, ask: Ask) -> Iterator[Capability]:
    """Of two opposites, denying an easy text of the higher must not make the higher more probable."""
    if spec.behaviour.opposites is None:
        return
    high = spec.behaviour.opposites[1]
    texts = easy.get(high, [])
    cases = [
        (Case(place, frame.format(text=text)), high)
        for place, text in enumerate(texts)
        for frame in frames(spec.language).negations
    ]
    if cases:
        yield _directed("negation", Asked(texts, ask(texts)), cases, NO_HIGHER, ask)


def agreement(base: Asked, easy: Easy, ask: Ask) -> Iterator[Capability]:
    """An easy text of the label that a text was answered with must not make that label less probable."""
    if cases := list(_seconded(base, easy)):
        yield _directed("agreement", base, cases, NO_LOWER, ask)


def _seconded(base: Asked, easy: Easy) -> Iterator[tuple[Case, str]]:
    for place, (text, label) in enumerate(zip(base.texts, base.answers.cells, strict=True)):
        if others := [other for other in easy.get(label, []) if other != text]:
            second = Random(f"agreement:{text}").choice(others)  # noqa: S311  no secret
            yield Case(place, f"{text} {second}"), label


def _directed(
    name: str, base: Asked, cases: Sequence[tuple[Case, str]], allowed: tuple[float, float], ask: Ask
) -> Capability:
    """The probability of the label beside each case may move from the base text's by as much as is allowed."""
    before, after = chances(base.answers), chances(ask([case.text for case, _ in cases]))
    lowest, highest = allowed
    failures = []
    for place, (case, label) in enumerate(cases):
        old, new = before.of(label)[case.place], after.of(label)[place]
        if not lowest <= new - old <= highest:
            failures.append(base.told(case, f"{label} {old:.2f} -> {new:.2f}"))
    return counted(name, "direction", cases, failures)
