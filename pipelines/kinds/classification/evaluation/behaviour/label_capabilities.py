"""Capabilities of one model, from its declaration and its texts (CheckList, Ribeiro and others, 2020)."""

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.behaviour.failures import check_answers, check_low_confidence
from pipelines.evaluation.behaviour.offtopic import off_topic_texts
from pipelines.evaluation.behaviour.shared_capabilities import (
    answer_base_texts,
    declared_capability,
    invariance_capabilities,
)
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.classification.evaluation.behaviour.direction import check_agreement, check_negation
from pipelines.kinds.classification.evaluation.behaviour.easy import easiest_texts, plain_cases


def run_capabilities(
    spec: ModelSpec, validation: pd.DataFrame, train: pd.DataFrame, ask: Ask, threshold: float
) -> tuple[Capability, ...]:
    """Test every capability that has cases; the same frames (`text, label`, train also `origin`) give the same cases.

    A text with a confidence below `threshold` counts as out of scope. Raises BrokenCases.
    """
    return tuple(_capabilities(spec, validation, train, ask, threshold))


def _capabilities(
    spec: ModelSpec, validation: pd.DataFrame, train: pd.DataFrame, ask: Ask, threshold: float
) -> Iterator[Capability]:
    easy, base = easiest_texts(train), answer_base_texts(validation, train, ask)
    yield check_answers("plain", plain_cases(easy), ask)
    yield from declared_capability(spec, ask)
    yield from invariance_capabilities(spec, base, ask)
    yield from check_negation(spec, easy, ask)
    yield from check_agreement(base, easy, ask)
    yield check_low_confidence(OFF_TOPIC, off_topic_texts(spec.language), threshold, ask)
