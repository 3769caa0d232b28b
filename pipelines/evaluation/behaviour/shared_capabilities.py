"""Capabilities of every kind of model: declared cases, and invariance to harmless changes."""

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.behaviour.cases import AnsweredTexts, sample_texts
from pipelines.evaluation.behaviour.declared import load_declared_cases
from pipelines.evaluation.behaviour.failures import check_answers, check_invariance
from pipelines.evaluation.behaviour.invariance import changed_cases
from pipelines.evaluation.model_answers import Ask

BASES = 60
MIN_VALIDATION_ROWS = 10  # with fewer the base texts come from train


def answer_base_texts(validation: pd.DataFrame, train: pd.DataFrame, ask: Ask) -> AnsweredTexts:
    """Choose the base texts of the cases and ask the model for the answers to them."""
    texts = sample_texts((validation if len(validation) >= MIN_VALIDATION_ROWS else train)["text"], BASES)
    return AnsweredTexts(texts, ask(texts))


def declared_capability(spec: ModelSpec, ask: Ask) -> Iterator[Capability]:
    """Yield the capability of the declared cases, if there are any. Raises BrokenCases."""
    if cases := load_declared_cases(spec):
        yield check_answers("declared", cases, ask)


def invariance_capabilities(spec: ModelSpec, base: AnsweredTexts, ask: Ask) -> Iterator[Capability]:
    """Yield a capability for each kind of change that some of the base texts allow."""
    for name, cases in changed_cases(base.texts, spec.language, spec.source.masking).items():
        if cases:
            yield check_invariance(name, base, cases, ask)
