"""Messages that are about several things at once, for the tests of sets of labels."""

import random

import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.kinds.multilabel.target import LabelSets
from tests.conftest import ENDINGS, SUBJECTS

TARGET = LabelSets(labels=tuple(SUBJECTS))


def needs(rows=240, seed=1):
    """Distinct `(text, cell)` pairs: a text holds a line for each of its labels, of which it may have none."""
    draw, found = random.Random(seed), {}
    while len(found) < rows:
        labels = {label for label in SUBJECTS if draw.random() < 0.45}
        lines = [draw.choice(SUBJECTS[label]) for label in sorted(labels)]
        text = " and ".join([*lines, f"{draw.choice(ENDINGS)} {draw.randint(1, 99999)}"])
        found[text] = TARGET.cell(labels)
    return list(found.items())


def frame(rows=240, seed=1):
    """The same rows as a corpus: a fifth is for validation."""
    texts, cells = zip(*needs(rows, seed), strict=True)
    validation = [number % 5 == 0 for number in range(rows)]
    return pd.DataFrame(
        {"text": texts, "label": cells, "validation": validation, "origin": "source", "weight": 1.0}
    ).astype({"text": "str", "label": "str"})


def spec_of(encoder, uri="needs.csv", **recipe):
    """A model of several labels over the tiny encoder."""
    return ModelSpec(
        name="needs",
        target=TARGET,
        source=Source(uri=str(uri), text="utterance", label="needs"),
        base_model=str(encoder),
        recipe=Recipe(**{"epochs": 6, "frozen_layers": 1, "batch": 16, "rate": 1e-3, "head_rate": 1e-2} | recipe),
        gate=Gate(min_macro_f1=0.2, min_accuracy=0.1, margin=0.2, min_gain_over_baseline=-1.0),
    )
