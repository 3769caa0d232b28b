"""All capabilities of one model, generated from its declaration and its texts (CheckList, Ribeiro and others, 2020)."""

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.behaviour.failures import right, unsure
from pipelines.evaluation.behaviour.offtopic import off_topic
from pipelines.evaluation.behaviour.shared_capabilities import base, invariant, written
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.classification.evaluation.behaviour.direction import agreement, negation
from pipelines.kinds.classification.evaluation.behaviour.easy import easiest, plain


def behaviour(
    spec: ModelSpec, validation: pd.DataFrame, train: pd.DataFrame, ask: Ask, threshold: float
) -> tuple[Capability, ...]:
    """Every capability that has cases; the same frames (`text, label`, train also `origin`) give the same cases.

    `threshold` is the confidence under which a text counts as out of scope. Raises BrokenCases.
    """
    return tuple(_capabilities(spec, validation, train, ask, threshold))


def _capabilities(
    spec: ModelSpec, validation: pd.DataFrame, train: pd.DataFrame, ask: Ask, threshold: float
) -> Iterator[Capability]:
    easy, asked = easiest(train), base(validation, train, ask)
    yield right("plain", plain(easy), ask)
    yield from written(spec, ask)
    yield from invariant(spec, asked, ask)
    yield from negation(spec, easy, ask)
    yield from agreement(asked, easy, ask)
    yield unsure(OFF_TOPIC, off_topic(spec.language), threshold, ask)
