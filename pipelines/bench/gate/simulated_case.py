"""A case of 10,000 real texts, each made distinct, with the answers of two models."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.bench.data import load_split
from pipelines.bench.gate.population import Population
from pipelines.bench.gate.saved import Codes
from pipelines.bench.gate.scenarios import SPECS, declared_gate
from pipelines.bench.part import Bench
from pipelines.bench.split import Rows
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.text import digest
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.labelled.label_probabilities import LabelProbabilities

OUTSIDE = 300  # out-of-scope texts


@dataclass(frozen=True)
class SimulatedCase:
    """A version to judge: snapshots in the form of ingestion, and answers with probabilities."""

    spec: ModelSpec
    train: pd.DataFrame
    test: pd.DataFrame
    challenger: LabelProbabilities
    champion: LabelProbabilities
    outside: LabelProbabilities


def make_case(name: str, population: Population, bench: Bench, texts: int) -> SimulatedCase:
    """A case of `texts` test texts, drawn from the real ones with their answers, and as many to learn from."""
    draw, split = np.random.default_rng(0), load_split(name, bench.data)
    rows = draw.integers(0, population.texts, texts)
    source, slices = Source(uri=f"bench:{name}"), SPECS["intent"].slices
    spec = ModelSpec(
        name="gate", target=Labels(labels=population.labels), source=source, gate=declared_gate(name), slices=slices
    )
    train_rows = split.train + split.validation
    challenger, champion = (
        _answers(codes[rows], population.labels, draw) for codes in (population.challenger, population.champion)
    )
    outside = _answers(draw.integers(0, len(population.labels), OUTSIDE), population.labels, draw)
    train = _frame(train_rows, draw.integers(0, len(train_rows.texts), texts))
    return SimulatedCase(spec, train, _frame(split.test, rows), challenger, champion, outside)


def _frame(rows: Rows, indices: Codes) -> pd.DataFrame:
    """Rows at these positions; a number makes each text distinct."""
    texts = [f"{rows.texts[index]} {number}" for number, index in enumerate(indices)]
    labels, keys = [rows.labels[index] for index in indices], [digest(text) for text in texts]
    return pd.DataFrame({"key": keys, "text": texts, "label": labels, "origin": "source"})


def _answers(answers: Codes, labels: tuple[str, ...], draw: np.random.Generator) -> LabelProbabilities:
    """Probabilities with the given answers as the highest: the confidence does not affect the duration."""
    scores = draw.random((len(answers), len(labels)))
    scores[np.arange(len(answers)), answers] += len(labels)
    return LabelProbabilities(scores / scores.sum(1, keepdims=True), labels)
