"""The floors that `needloop add` writes: a model of shuffled labels fails them, a trained model passes them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neighbors import KNeighborsClassifier

from pipelines.bench.gate.sound import simulated_scorecard
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.kinds.classification.baseline import chance_macro_f1
from pipelines.kinds.classification.declaring import NO_FLOORS, floors
from pipelines.kinds.classification.evaluation.label_scores import build_score_table
from pipelines.kinds.classification.target import Labels
from pipelines.promotion.decision import decide
from tests.conftest import small_rows


def decided(rows, home):
    """The decision on a nearest-neighbour model; every fifth row is held out."""
    held = np.arange(len(rows)) % 5 == 0
    train, test = rows[~held], rows[held]
    read = CountVectorizer().fit(train["text"])
    model = KNeighborsClassifier(1).fit(read.transform(train["text"]), train["label"])
    answers = model.predict(read.transform(test["text"])).tolist()
    labels = tuple(sorted(set(train["label"])))
    spec = ModelSpec(name="floors", labels=labels, source=Source(uri="x.csv"), gate=NO_FLOORS)
    found, gate = (
        build_score_table(spec, test, train, {"challenger": answers}, str(home), labels),
        floors(Labels(labels=labels), train, test),
    )
    return decide(simulated_scorecard(len(test), found, gate), gate)


@pytest.fixture
def rows():
    """300 texts, each with enough words of its own for a memory model."""
    draw = np.random.default_rng(3)
    told = [(f"{text} {' '.join(draw.choice(list('abcdefghijklmnop'), 4))}x", label) for text, label in small_rows(300)]
    return pd.DataFrame(told, columns=["text", "label"]).assign(origin="source").sample(frac=1, random_state=0)


@pytest.mark.parametrize("size", [100, 200, 300])
def test_what_learnt_shuffled_labels_is_hardly_ever_promoted(rows, tmp_path, size):
    """The limit is two in sixty over all three sizes; none of these twenty may pass."""
    promoted = 0
    for seed in range(20):
        mixed = rows.head(size).assign(label=rows.head(size)["label"].sample(frac=1, random_state=seed).to_numpy())
        promoted += decided(mixed, tmp_path).promote
    assert promoted == 0


@pytest.mark.parametrize("size", [100, 300])
def test_what_learnt_the_labels_as_they_are_is_promoted(rows, tmp_path, size):
    assert decided(rows.head(size), tmp_path).promote


@pytest.mark.parametrize(
    ("counts", "least", "most"),
    [((10, 10), 0.8, 0.8), ((30, 30), 0.63, 0.67), ((300, 300), 0.53, 0.55), ((90, 9, 1), 0.4, 0.75), ((1, 1), 1, 1)],
)
def test_chance_reaches_less_the_more_texts_there_are(counts, least, most):
    """Two labels, ten texts each: by chance 8 of 10 are right in 1.2% of all orders, 7 of 10 in 9%."""
    labels = [str(label) for label, count in enumerate(counts) for _ in range(count)]
    assert least <= chance_macro_f1(labels) <= most
