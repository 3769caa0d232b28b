import re
from collections import Counter
from random import Random

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.masking.mask import mask
from pipelines.recipe import Augmentation
from pipelines.training.augmentation.copies import NoSynonyms, NoTypos, augmented
from pipelines.training.augmentation.guarded import NEGATIONS, bears, marks, negation
from pipelines.training.augmentation.synonyms import ONLY_WRITTEN, groups, reworded, synonyms
from pipelines.training.augmentation.typos import misspelt, near
from pipelines.training.cost import Meter
from pipelines.training.fine_tuning import learnt
from pipelines.training.learning import examples
from pipelines.training.network import network
from tests.conftest import small_rows

GUARDED = (
    "@united",
    "#delayed",
    "<PHONE>",
    "<URL-LOGIN>",
    "UA1234",
    "$300",
    "http://t.co/kqLhVaP7G",
    "united.com/help",
)
KEYS = {"g": set("ftyhvb"), "q": set("wa"), "p": set("ol"), "m": set("njk")}


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


def test_what_a_customer_must_be_answered_about_is_never_misspelt():
    text = "Boston " + " baggage ".join([*GUARDED, "don't", "never", "cannot"]) + " flight"
    for seed in range(50):
        changed = misspelt(text, 1.0, Random(seed)).split()
        assert [word for word, was in zip(changed, text.split(), strict=True) if word == was] == [
            *GUARDED,
            "don't",
            "never",
            "cannot",
        ]


def test_every_kind_of_typing_error_is_made():
    kinds = Counter(_kind("baggage", misspelt("baggage", 0.1, Random(seed))) for seed in range(400))
    assert min(kinds[kind] for kind in ("neighbour", "swapped", "dropped", "doubled")) > 40
    assert set(kinds) == {"neighbour", "swapped", "dropped", "doubled"}


def _kind(before, after):
    if len(after) == len(before):
        return "swapped" if sorted(after) == sorted(before) else "neighbour"
    return "dropped" if len(after) < len(before) else "doubled"


@pytest.mark.parametrize("key", KEYS)
def test_a_slip_hits_a_key_beside_the_one_meant(key):
    assert set(near(key)) == KEYS[key]


@pytest.mark.parametrize("word", ["note", "live", "knot", "hater", "baud", "finer"])
def test_no_typing_error_makes_a_word_that_bears_a_meaning(word):
    assert not any(bears(misspelt(word, 1.0, Random(seed))) for seed in range(300))


def test_the_share_says_how_many_words_are_misspelt():
    text = " ".join(["suitcase"] * 40)
    changed = [sum(word != "suitcase" for word in misspelt(text, share, Random(0)).split()) for share in (0.05, 0.5)]
    assert changed == [2, 20]


@given(st.text(max_size=80), st.integers(0, 9))
def test_no_change_breaks_a_text_nobody_thought_of(text, seed):
    for changed in (misspelt(text, 0.3, Random(seed)), reworded(text, 0.3, Random(seed))):
        assert marks(changed) == marks(text)


def test_no_synonym_bears_a_feeling_or_a_negation():
    phrases = [phrase.removeprefix(ONLY_WRITTEN) for group in groups() for phrase in group]
    assert not [phrase for phrase in phrases if any(map(bears, phrase.split()))]
    assert len(groups()) > 300


def test_every_phrase_has_one_place_in_the_list():
    listed = Counter(phrase for group in groups() for phrase in group if not phrase.startswith(ONLY_WRITTEN))
    assert max(listed.values()) == 1
    assert all(phrase == phrase.lower().strip() for phrase in listed)
    assert all(len(others) == len(set(others)) > 0 for others in synonyms().values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my luggage!", {"my baggage!"}),
        ("LUGGAGE", {"BAGGAGE"}),
        ("Luggage", {"Baggage"}),
        ("I need assistance", {"I need help"}),
        ("I need help", {"I need help"}),
        ("customer service", {"customer care", "customer support"}),
        ("an aircraft", {"an airplane", "an aeroplane"}),
        ("a plane", {"a plane"}),
        ("a non-flight attendant", {"a non-flight attendant"}),
        ("#luggage @luggage luggage.com", {"#luggage @luggage luggage.com"}),
        ("refunded", {"reimbursed"}),
    ],
)
def test_other_words_fit_where_they_are_put(text, expected):
    assert {reworded(text, 0.1, Random(seed)) for seed in range(30)} == expected


def test_negations_are_known_in_every_spelling():
    assert {negation(word) for word in ("don't", "Don’t", "DONT", "not", "cannot", "ain't")} == {"not"}
    assert [negation(word) for word in ("want", "agent", "note")] == [None, None, None]


@pytest.fixture(scope="module")
def airline():
    rows = [(mask(row["text"], ("united",)), row["sentiment"]) for _, row in list(airline_rows())[::5]]
    rows = pd.DataFrame(rows, columns=["text", "label"]).drop_duplicates("text")
    return rows.assign(validation=False, origin="source", weight=1.0, row=range(len(rows)))


def test_changes_of_real_messages_keep_their_label_and_every_negation(airline, topics, independent):
    found = copies(augmented(airline, changing(topics, synonyms=0.1, typos=0.05)), airline)
    before = airline["text"].iloc[found["row"]].tolist()
    assert len(found) > len(airline) * 0.5
    assert [marks(text) for text in found["text"]] == [marks(text) for text in before]
    assert np.mean(independent.predict(found["text"]) == independent.predict(before)) >= 0.98
    assert Counter(_no(found["text"])) == Counter(_no(before))


def _no(texts):
    return [word.lower() for text in texts for word in re.findall(r"\w+n['’]t|\w+", text) if word.lower() in _NO]


_NO = {*NEGATIONS, "don't", "can't", "won't", "didn't", "isn't", "doesn't", "wasn't", "couldn't", "haven't"}


@pytest.fixture(scope="module")
def independent(airline):
    """Of another kind than the judge: letters, not words."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True)
    return make_pipeline(letters, LogisticRegression(max_iter=300)).fit(airline["text"], airline["label"])


def test_a_copy_whose_label_wavers_is_left_out(topics):
    rows = [(f"{word} day {number}", word) for number in range(20) for word in ("red", "green")]
    frame = pd.DataFrame([*rows, ("red green plane", "red")], columns=["text", "label"])
    found = augmented(frame.assign(validation=False), changing(topics, synonyms=0.5))
    assert len(found) == len(frame)
    frame.loc[len(frame) - 1, "text"] = "red red red plane"
    found = augmented(frame.assign(validation=False), changing(topics, synonyms=0.5))
    assert len(found) == len(frame) + 1


def test_a_copy_is_its_row_with_another_text(frame, topics):
    frame.loc[frame.index % 7 == 1, "origin"] = "feedback"
    frame["row"] = range(len(frame))
    found = augmented(frame, changing(topics, typos=0.1, copies=3))
    added = copies(found, frame)
    pd.testing.assert_frame_equal(found.iloc[: len(frame)], frame)
    same = ["label", "origin", "weight", "validation"]
    pd.testing.assert_frame_equal(added[same], frame.iloc[added["row"]][same].set_index(added.index))
    assert added["row"].value_counts().max() == 3


def test_no_validation_row_has_a_copy_and_no_copy_is_a_validation_text(frame, topics):
    found = augmented(frame, changing(topics, typos=0.1, copies=3))
    before, after = (set(one.loc[one["validation"], "text"]) for one in (frame, found))
    assert before == after
    twin = copies(found, frame)["text"].iloc[0]
    met = frame.copy()
    met.loc[met["validation"].idxmax(), "text"] = twin
    assert (augmented(met, changing(topics, typos=0.1, copies=3))["text"] == twin).sum() == 1


def test_held_out_texts_are_the_same_with_and_without_copies(topics, settings):
    changed = changing(topics, synonyms=0.2, typos=0.2, copies=5)
    plain, corpus = ingest(topics, settings), ingest(changed, settings)
    assert (corpus.test, corpus.train) == (plain.test, plain.train)
    added = copies(augmented(read(corpus.train), changed), read(corpus.train))
    assert len(added) > 100
    assert not set(added["text"]) & set(read(corpus.test)["text"])


def test_the_same_seed_makes_the_same_copies_whatever_rows_are_beside(frame, topics):
    spec = changing(topics, typos=0.1, synonyms=0.1)
    whole, again = augmented(frame, spec), augmented(frame, spec)
    part = frame.drop(frame.index[[1, 2, 3]])
    pd.testing.assert_frame_equal(whole, again)
    some = set(copies(augmented(part, spec), part)["text"])
    assert len(some - set(whole["text"])) <= 2  # the judge saw three rows fewer
    other = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"seed": 8})})
    assert set(augmented(frame, other)["text"]) != set(whole["text"])


def test_a_change_that_changes_nothing_is_no_copy(topics):
    frame = pd.DataFrame({"text": ["no no 1", "not 22"], "label": ["a", "b"], "validation": False, "weight": 1.0})
    assert len(augmented(frame, changing(topics, typos=1.0, synonyms=1.0, copies=4))) == 2
    assert augmented(frame, topics) is frame


def test_synonyms_of_another_language_are_not_guessed(frame, topics):
    with pytest.raises(NoSynonyms, match=r"'zh'.*use typos or translation"):
        augmented(frame, changing(topics, "zh", synonyms=0.1))


def test_texts_that_no_typing_error_fits_are_refused(frame, topics):
    with pytest.raises(NoTypos, match="use translation"):
        augmented(frame.assign(text="行李在哪里 " + frame.index.astype("str")), changing(topics, "zh", typos=0.1))


def test_who_learnt_from_typing_errors_reads_them_better(frame, topics):
    hard = frame.assign(text=[misspelt(text, 1.0, Random(text)) for text in frame["text"]])
    right = {}
    for name, spec in {"plain": topics, "hardened": changing(topics, typos=0.5, copies=3)}.items():
        found = learnt(frame, spec, None, lambda *_: None, Meter())
        net = network(found.nets[0].model, torch.device("cpu"), 0)
        judged = examples(hard, net, found.tokenizer, spec)
        right[name] = np.mean(net.scored(judged.rows).argmax(1) == judged.labels.numpy())
        assert found.rows == (~frame["validation"]).sum()
    assert right["hardened"] > right["plain"] + 0.03


def test_an_augmentation_that_changes_nothing_is_no_declaration():
    with pytest.raises(ValueError, match="share of synonyms or typos"):
        Augmentation(copies=2)
