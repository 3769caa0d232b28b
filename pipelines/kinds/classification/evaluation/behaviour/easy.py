"""The texts of each label that even counted words tell: a model that misses them has not learnt the label."""

from collections import defaultdict

import numpy as np
import pandas as pd

from pipelines.evaluation.behaviour.cases import sample
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.classification.label_baselines import Baseline

ROWS = 5000
KEPT = 20  # of each label
EACH, PLAIN = 3, 60

Easy = dict[str, list[str]]


def easiest(train: pd.DataFrame) -> Easy:
    """By label, the texts that TF-IDF is surest of, the surest first; of the source, which feedback cannot change."""
    source = train[train["origin"] == SOURCE]
    rows = sample(source if len(source) else train, ROWS)
    texts, labels = rows["text"].tolist(), rows["label"].tolist()
    baseline = Baseline(texts, labels)
    own = baseline.probabilities(texts)[np.arange(len(texts)), [baseline.columns.index(label) for label in labels]]
    found: defaultdict[str, list[str]] = defaultdict(list)
    for place in np.argsort(-own, kind="stable"):
        found[labels[place]].append(texts[place])
    return {label: found[label][:KEPT] for label in sorted(found)}


def plain(easy: Easy) -> list[tuple[str, str]]:
    """The easiest texts with their labels: the first of every label, then the second."""
    ranked = [(texts[rank], label) for rank in range(EACH) for label, texts in easy.items() if len(texts) > rank]
    return ranked[:PLAIN]
