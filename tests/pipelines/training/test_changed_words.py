from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.training.augmentation.guarded import is_decisive, negation, protected_tokens
from pipelines.training.augmentation.synonyms import REPLACEMENT_ONLY, replace_synonyms, synonym_groups, synonyms
from pipelines.training.augmentation.typos import add_typos, adjacent_keys

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


def test_what_a_customer_must_be_answered_about_is_never_misspelt():
    text = "Boston " + " baggage ".join([*GUARDED, "don't", "never", "cannot"]) + " flight"
    for seed in range(50):
        changed = add_typos(text, 1.0, Random(seed)).split()
        assert [word for word, was in zip(changed, text.split(), strict=True) if word == was] == [
            *GUARDED,
            "don't",
            "never",
            "cannot",
        ]


def test_every_kind_of_typing_error_is_made():
    kinds = Counter(_kind("baggage", add_typos("baggage", 0.1, Random(seed))) for seed in range(400))
    assert min(kinds[kind] for kind in ("neighbour", "swapped", "dropped", "doubled")) > 40
    assert set(kinds) == {"neighbour", "swapped", "dropped", "doubled"}


def _kind(before, after):
    if len(after) == len(before):
        return "swapped" if sorted(after) == sorted(before) else "neighbour"
    return "dropped" if len(after) < len(before) else "doubled"


@pytest.mark.parametrize("key", KEYS)
def test_a_slip_hits_a_key_beside_the_one_meant(key):
    assert set(adjacent_keys(key)) == KEYS[key]


@pytest.mark.parametrize("word", ["note", "live", "knot", "hater", "baud", "finer"])
def test_no_typing_error_makes_a_word_that_bears_a_meaning(word):
    assert not any(is_decisive(add_typos(word, 1.0, Random(seed))) for seed in range(300))


def test_the_share_says_how_many_words_are_misspelt():
    text = " ".join(["suitcase"] * 40)
    changed = [sum(word != "suitcase" for word in add_typos(text, share, Random(0)).split()) for share in (0.05, 0.5)]
    assert changed == [2, 20]


@given(st.text(max_size=80), st.integers(0, 9))
def test_no_change_breaks_a_text_nobody_thought_of(text, seed):
    for changed in (add_typos(text, 0.3, Random(seed)), replace_synonyms(text, 0.3, Random(seed))):
        assert protected_tokens(changed) == protected_tokens(text)


def test_no_synonym_bears_a_feeling_or_a_negation():
    phrases = [phrase.removeprefix(REPLACEMENT_ONLY) for group in synonym_groups() for phrase in group]
    assert not [phrase for phrase in phrases if any(map(is_decisive, phrase.split()))]
    assert len(synonym_groups()) > 300


def test_every_phrase_has_one_place_in_the_list():
    listed = Counter(
        phrase for group in synonym_groups() for phrase in group if not phrase.startswith(REPLACEMENT_ONLY)
    )
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
    assert {replace_synonyms(text, 0.1, Random(seed)) for seed in range(30)} == expected


def test_negations_are_known_in_every_spelling():
    assert {negation(word) for word in ("don't", "Don’t", "DONT", "not", "cannot", "ain't")} == {"not"}
    assert [negation(word) for word in ("want", "agent", "note")] == [None, None, None]
