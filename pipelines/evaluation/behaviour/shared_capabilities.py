"""The capabilities that any model has: what people declared, and what no answer may depend on."""

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.behaviour.cases import Asked, sampled
from pipelines.evaluation.behaviour.declared import declared
from pipelines.evaluation.behaviour.failures import right, same
from pipelines.evaluation.behaviour.invariance import changes
from pipelines.evaluation.model_answers import Ask

BASES = 60
FEWEST = 10  # validation rows; with fewer the base texts are those of train


def base(validation: pd.DataFrame, train: pd.DataFrame, ask: Ask) -> Asked:
    """The texts that cases are made of, with the answers to them."""
    texts = sampled((validation if len(validation) >= FEWEST else train)["text"], BASES)
    return Asked(texts, ask(texts))


def written(spec: ModelSpec, ask: Ask) -> Iterator[Capability]:
    """The declared cases, where there are any. Raises BrokenCases."""
    if cases := declared(spec):
        yield right("declared", cases, ask)


def invariant(spec: ModelSpec, asked: Asked, ask: Ask) -> Iterator[Capability]:
    """The answers to base texts hold through every kind of change that some of them can have."""
    for name, cases in changes(asked.texts, spec.language, spec.source.keep_handles).items():
        if cases:
            yield same(name, asked, cases, ask)
