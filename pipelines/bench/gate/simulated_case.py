"""Ten thousand real texts, each made different, and what two models said to them: something to be judged."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.bench.data import loaded
from pipelines.bench.gate.population import Population
from pipelines.bench.gate.saved import Codes
from pipelines.bench.gate.scenarios import SPECS, declared
from pipelines.bench.part import Bench
from pipelines.bench.split import Rows
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.text import digest
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.labelled.label_probabilities import Chances

OUTSIDE = 300  # texts that are about none of the labels


@dataclass(frozen=True)
class Case:
    """One version to be judged: snapshots as ingestion writes them, and answers with probabilities."""

    spec: ModelSpec
    train: pd.DataFrame
    test: pd.DataFrame
    challenger: Chances
    champion: Chances
    outside: Chances


def case(name: str, of: Population, bench: Bench, texts: int) -> Case:
    """So many test texts, drawn from the real ones with their real answers, and as many to learn from."""
    draw, split = np.random.default_rng(0), loaded(name, bench.data)
    rows = draw.integers(0, of.texts, texts)
    source, slices = Source(uri=f"bench:{name}"), SPECS["intent"].slices
    spec = ModelSpec(name="gate", target=Labels(labels=of.labels), source=source, gate=declared(name), slices=slices)
    learnt = split.train + split.validation
    challenger, champion = (_answers(codes[rows], of.labels, draw) for codes in (of.challenger, of.champion))
    outside = _answers(draw.integers(0, len(of.labels), OUTSIDE), of.labels, draw)
    taught = _frame(learnt, draw.integers(0, len(learnt.texts), texts))
    return Case(spec, taught, _frame(split.test, rows), challenger, champion, outside)


def _frame(rows: Rows, places: Codes) -> pd.DataFrame:
    """Rows at these places; a number makes each text another."""
    texts = [f"{rows.texts[place]} {number}" for number, place in enumerate(places)]
    labels, keys = [rows.labels[place] for place in places], [digest(text) for text in texts]
    return pd.DataFrame({"key": keys, "text": texts, "label": labels, "origin": "source"})


def _answers(said: Codes, labels: tuple[str, ...], draw: np.random.Generator) -> Chances:
    """Probabilities whose highest is what was said: how sure a model is changes no duration."""
    scores = draw.random((len(said), len(labels)))
    scores[np.arange(len(said)), said] += len(labels)
    return Chances(scores / scores.sum(1, keepdims=True), labels)
