"""All capabilities of one model, generated from its declaration and its texts (CheckList, Ribeiro and others, 2020)."""

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog import ModelSpec
from pipelines.evaluation.answers import Ask
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.behaviour.cases import Asked, sampled
from pipelines.evaluation.behaviour.declared import declared
from pipelines.evaluation.behaviour.direction import agreement, negation
from pipelines.evaluation.behaviour.easy import easiest, plain
from pipelines.evaluation.behaviour.invariance import changes
from pipelines.evaluation.behaviour.judging import right, same, unsure
from pipelines.evaluation.behaviour.offtopic import off_topic

BASES = 60
FEWEST = 10  # validation rows; with fewer the base texts are those of train


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
    written, easy = declared(spec), easiest(train)
    yield right("plain", plain(easy), ask)
    if written:
        yield right("declared", written, ask)
    texts = sampled((validation if len(validation) >= FEWEST else train)["text"], BASES)
    base = Asked(texts, ask(texts))
    for name, cases in changes(texts, spec.language, spec.source.keep_handles).items():
        if cases:
            yield same(name, base, cases, ask)
    yield from negation(spec, easy, ask)
    yield from agreement(base, easy, ask)
    yield unsure("off-topic", off_topic(spec.language), threshold, ask)
