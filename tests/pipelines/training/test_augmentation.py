import re
from collections import Counter
from random import Random

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pipelines.catalog.recipe import Augmentation
from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.masking.mask import mask
from pipelines.masking.rules import MaskingRules
from pipelines.training.augmentation.copies import NoSynonyms, NoTypos, augment
from pipelines.training.augmentation.guarded import NEGATIONS, protected_tokens
from pipelines.training.augmentation.typos import add_typos
from pipelines.training.fine_tuning import train_networks
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import build_examples
from tests.conftest import small_rows


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    weights = [1.0 + number % 3 for number in range(len(rows))]
    held = [number % 5 == 0 for number in range(len(rows))]
    return rows.assign(validation=held, origin="source", weight=weights)


def changing(spec, language="en", **wanted):
    recipe = spec.recipe.model_copy(update={"augmentation": Augmentation(**wanted)})
    return spec.model_copy(update={"recipe": recipe, "language": language})


def copies(found, frame):
    """The rows that were added."""
    return found.iloc[len(frame) :]


@pytest.fixture(scope="module")
def airline():
    rows = [(mask(row["text"], MaskingRules(("united",))), row["sentiment"]) for _, row in list(airline_rows())[::12]]
    rows = pd.DataFrame(rows, columns=["text", "label"]).drop_duplicates("text")
    return rows.assign(validation=False, origin="source", weight=1.0, row=range(len(rows)))


def test_changes_of_real_messages_keep_their_label_and_every_negation(airline, topics, independent):
    found = copies(augment(airline, changing(topics, synonyms=0.1, typos=0.05)), airline)
    before = airline["text"].iloc[found["row"]].tolist()
    assert len(found) > len(airline) * 0.5
    assert [protected_tokens(text) for text in found["text"]] == [protected_tokens(text) for text in before]
    assert np.mean(independent.predict(found["text"]) == independent.predict(before)) >= 0.98
    assert Counter(_no(found["text"])) == Counter(_no(before))


def _no(texts):
    return [word.lower() for text in texts for word in re.findall(r"\w+n['’]t|\w+", text) if word.lower() in _NO]


_NO = {*NEGATIONS, "don't", "can't", "won't", "didn't", "isn't", "doesn't", "wasn't", "couldn't", "haven't"}


@pytest.fixture(scope="module")
def independent(airline):
    """A classifier by letters, unlike the filter of the augmentation, which counts words."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True)
    return make_pipeline(letters, LogisticRegression(max_iter=300)).fit(airline["text"], airline["label"])


def test_a_copy_whose_label_wavers_is_left_out(topics):
    rows = [(f"{word} day {number}", word) for number in range(20) for word in ("red", "green")]
    frame = pd.DataFrame([*rows, ("red green plane", "red")], columns=["text", "label"])
    found = augment(frame.assign(validation=False), changing(topics, synonyms=0.5))
    assert len(found) == len(frame)
    frame.loc[len(frame) - 1, "text"] = "red red red plane"
    found = augment(frame.assign(validation=False), changing(topics, synonyms=0.5))
    assert len(found) == len(frame) + 1


def test_a_copy_is_its_row_with_another_text(frame, topics):
    frame.loc[frame.index % 7 == 1, "origin"] = "feedback"
    frame["row"] = range(len(frame))
    found = augment(frame, changing(topics, typos=0.1, copies=3))
    added = copies(found, frame)
    pd.testing.assert_frame_equal(found.iloc[: len(frame)], frame)
    same = ["label", "origin", "weight", "validation"]
    pd.testing.assert_frame_equal(added[same], frame.iloc[added["row"]][same].set_index(added.index))
    assert added["row"].value_counts().max() == 3


def test_no_validation_row_has_a_copy_and_no_copy_is_a_validation_text(frame, topics):
    found = augment(frame, changing(topics, typos=0.1, copies=3))
    before, after = (set(one.loc[one["validation"], "text"]) for one in (frame, found))
    assert before == after
    twin = copies(found, frame)["text"].iloc[0]
    met = frame.copy()
    met.loc[met["validation"].idxmax(), "text"] = twin
    assert (augment(met, changing(topics, typos=0.1, copies=3))["text"] == twin).sum() == 1


def test_held_out_texts_are_the_same_with_and_without_copies(topics, settings):
    changed = changing(topics, synonyms=0.2, typos=0.2, copies=5)
    plain, corpus = ingest(topics, settings.workspace), ingest(changed, settings.workspace)
    assert (corpus.test, corpus.train) == (plain.test, plain.train)
    added = copies(augment(read(corpus.train), changed), read(corpus.train))
    assert len(added) > 100
    assert not set(added["text"]) & set(read(corpus.test)["text"])


def test_the_same_seed_makes_the_same_copies_whatever_rows_are_beside(frame, topics):
    spec = changing(topics, typos=0.1, synonyms=0.1)
    whole, again = augment(frame, spec), augment(frame, spec)
    part = frame.drop(frame.index[[1, 2, 3]])
    pd.testing.assert_frame_equal(whole, again)
    some = set(copies(augment(part, spec), part)["text"])
    assert len(some - set(whole["text"])) <= 2  # the filter was trained on three rows fewer
    other = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"seed": 8})})
    assert set(augment(frame, other)["text"]) != set(whole["text"])


def test_a_change_that_changes_nothing_is_no_copy(topics):
    frame = pd.DataFrame({"text": ["no no 1", "not 22"], "label": ["a", "b"], "validation": False, "weight": 1.0})
    assert len(augment(frame, changing(topics, typos=1.0, synonyms=1.0, copies=4))) == 2
    assert augment(frame, topics) is frame


def test_synonyms_of_another_language_are_not_guessed(frame, topics):
    with pytest.raises(NoSynonyms, match=r"'zh'.*use typos or translation"):
        augment(frame, changing(topics, "zh", synonyms=0.1))


def test_texts_that_no_typing_error_fits_are_refused(frame, topics):
    with pytest.raises(NoTypos, match="use translation"):
        augment(frame.assign(text="行李在哪里 " + frame.index.astype("str")), changing(topics, "zh", typos=0.1))


def test_who_learnt_from_typing_errors_reads_them_better(frame, topics):
    hard = frame.assign(text=[add_typos(text, 1.0, Random(text)) for text in frame["text"]])
    right = {}
    for name, spec in {"plain": topics, "hardened": changing(topics, typos=0.5, copies=3)}.items():
        found = train_networks(frame, spec, None, lambda *_: None, Meter())
        net = make_network(found.nets[0].model, torch.device("cpu"), 0)
        judged = build_examples(hard, net, found.tokenizer, spec)
        right[name] = np.mean(net.predict(judged.rows).argmax(1) == judged.targets.numpy())
        assert found.rows == (~frame["validation"]).sum()
    assert right["hardened"] > right["plain"] + 0.03


def test_an_augmentation_that_changes_nothing_is_no_declaration():
    with pytest.raises(ValueError, match="share of synonyms or typos"):
        Augmentation(copies=2)
