"""Easy texts of each label, which even TF-IDF gets right: a model that misses them has not learnt the label."""

from collections import defaultdict

import numpy as np
import pandas as pd

from pipelines.evaluation.behaviour.cases import sample_rows
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.classification.baseline import TfidfBaseline

ROWS = 5000
TEXTS_PER_LABEL = 20  # of each label
MAX_RANK, MAX_CASES = 3, 60

Easy = dict[str, list[str]]


def easiest_texts(train: pd.DataFrame) -> Easy:
    """Return by label the texts with the highest TF-IDF probability, from source rows, which feedback cannot change."""
    source = train[train["origin"] == SOURCE]
    rows = sample_rows(source if len(source) else train, ROWS)
    texts, labels = rows["text"].tolist(), rows["label"].tolist()
    baseline = TfidfBaseline(texts, labels)
    own = baseline.probabilities(texts)[np.arange(len(texts)), [baseline.columns.index(label) for label in labels]]
    ranked: defaultdict[str, list[str]] = defaultdict(list)
    for index in np.argsort(-own, kind="stable"):
        ranked[labels[index]].append(texts[index])
    return {label: ranked[label][:TEXTS_PER_LABEL] for label in sorted(ranked)}


def plain_cases(easy: Easy) -> list[tuple[str, str]]:
    """Return the easiest texts with their labels: the first of every label, then the second."""
    ranked = [(texts[rank], label) for rank in range(MAX_RANK) for label, texts in easy.items() if len(texts) > rank]
    return ranked[:MAX_CASES]
