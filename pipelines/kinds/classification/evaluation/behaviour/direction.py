"""Directional tests: changes that may move a probability one way only, such as a negation."""

from collections.abc import Iterator, Sequence
from random import Random

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.behaviour.cases import AnsweredTexts, BehaviourCase
from pipelines.evaluation.behaviour.failures import to_capability
from pipelines.evaluation.behaviour.templates import find_templates
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.classification.evaluation.behaviour.easy import Easy
from pipelines.kinds.labelled.label_probabilities import label_probabilities

NO_HIGHER = (-1.0, 0.05)
NO_LOWER = (-0.1, 1.0)


def check_negation(spec: ModelSpec, easy: Easy, ask: Ask) -> Iterator[Capability]:
    """Check that the negation of an easy text does not raise the probability of its label, of two opposite labels."""
    if spec.behaviour.opposites is None:
        return
    high = spec.behaviour.opposites[1]
    texts = easy.get(high, [])
    cases = [
        (BehaviourCase(index, frame.format(text=text)), high)
        for index, text in enumerate(texts)
        for frame in find_templates(spec.language).negations
    ]
    if cases:
        yield _check_direction("negation", AnsweredTexts(texts, ask(texts)), cases, NO_HIGHER, ask)


def check_agreement(base: AnsweredTexts, easy: Easy, ask: Ask) -> Iterator[Capability]:
    """Check that an easy text of the predicted label, appended to a text, does not lower the label's probability."""
    if cases := list(_appended_cases(base, easy)):
        yield _check_direction("agreement", base, cases, NO_LOWER, ask)


def _appended_cases(base: AnsweredTexts, easy: Easy) -> Iterator[tuple[BehaviourCase, str]]:
    for index, (text, label) in enumerate(zip(base.texts, base.answers.cells, strict=True)):
        if candidates := [candidate for candidate in easy.get(label, []) if candidate != text]:
            second = Random(f"agreement:{text}").choice(candidates)  # noqa: S311  no secret
            yield BehaviourCase(index, f"{text} {second}"), label


def _check_direction(
    name: str, base: AnsweredTexts, cases: Sequence[tuple[BehaviourCase, str]], allowed: tuple[float, float], ask: Ask
) -> Capability:
    """Check that the probability of each case's label changes from the base text's within the `allowed` range."""
    before, after = label_probabilities(base.answers), label_probabilities(ask([case.text for case, _ in cases]))
    lowest, highest = allowed
    failures = []
    for index, (case, label) in enumerate(cases):
        old, new = before.of(label)[case.base_index], after.of(label)[index]
        if not lowest <= new - old <= highest:
            failures.append(base.format_failure(case, f"{label} {old:.2f} -> {new:.2f}"))
    return to_capability(name, "direction", cases, failures)
