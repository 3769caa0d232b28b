"""Token lengths of messages give `max_tokens`, and the cut or unknown part of them is named."""

import pytest

from pipelines.catalog.recipe import Recipe
from pipelines.onboarding import token_lengths
from pipelines.onboarding.token_lengths import TokenLengths, length_warnings, measure


def lengths_of(*groups, limit=512, base="minilm", unknown=0.0, characters=4.0):
    """Lengths from groups of a number of texts and their tokens."""
    lengths = sorted(tokens for count, tokens in groups for _ in range(count))
    return TokenLengths(base, tuple(lengths), unknown, characters, limit)


@pytest.mark.parametrize(
    ("lengths", "tokens"),
    [
        (lengths_of((96, 20), (4, 500)), 128),
        (lengths_of((80, 20), (20, 190)), 192),
        (lengths_of((69, 20), (27, 250), (4, 900)), 256),
        (lengths_of((50, 20), (50, 900)), 512),
        (lengths_of((50, 20), (50, 900), limit=256), 256),
        (lengths_of((50, 20), (50, 900), limit=4096), 512),
        (lengths_of((50, 20), (50, 900), limit=64), 64),
        (lengths_of(), 128),
    ],
)
def test_the_smallest_length_that_cuts_a_twentieth_of_the_texts_is_recommended(lengths, tokens):
    assert lengths.max_tokens == tokens


def test_the_end_is_read_too_if_most_texts_are_cut_even_so():
    assert lengths_of((50, 20), (50, 900)).truncation == "head"
    assert lengths_of((49, 20), (51, 900)).truncation == "head_tail"
    assert lengths_of((49, 20), (51, 500)).truncation == "head"


def test_percentiles_are_lengths_of_the_sample():
    lengths = lengths_of((50, 20), (45, 90), (5, 900))
    assert [lengths.percentile(percent) for percent in (0, 50, 51, 95, 100)] == [20, 20, 90, 90, 900]


def test_it_is_said_how_many_texts_are_cut_and_what_to_do():
    lengths = lengths_of((69, 20), (27, 250), (4, 900))
    assert length_warnings(lengths, "en", Recipe(max_tokens=256)) == (
        "31% of the texts are longer than 128 tokens: max_tokens = 256 was written",
        "4% of the texts are longer than 256 tokens and are cut at their end; for e-mail add truncation = 'head_tail' "
        "to its recipe",
    )
    (_, middle) = length_warnings(lengths, "en", Recipe(max_tokens=256, truncation="head_tail"))
    assert middle == "4% of the texts are longer than 256 tokens and are cut in their middle (truncation = 'head_tail')"
    (only,) = length_warnings(lengths, "en", Recipe())
    assert only.startswith("31% of the texts are longer than 128 tokens and are cut at their end")
    assert length_warnings(lengths_of((1000, 20), (1, 500)), "en", Recipe()) == ()


def test_tokens_that_the_encoder_does_not_know_are_counted_and_named(banking, chinese):
    english, mandarin = measure(banking, "minilm"), measure(chinese, "minilm")
    assert english.unknown == 0
    assert length_warnings(english, "en", Recipe()) == ()
    (warning,) = length_warnings(mandarin, "zh", Recipe())
    assert warning.startswith(f"{mandarin.unknown:.0%} of the tokens of these messages are unknown to 'minilm', which ")
    assert "which reads English: give --base with an encoder that reads 'zh'" in warning
    assert mandarin.unknown > 0.3


def test_words_read_letter_by_letter_are_named_for_a_language_that_the_encoder_does_not_read():
    russian = measure(["Где моя посылка? Я хочу вернуть деньги за заказ, курьер не приехал."], "minilm")
    assert russian.unknown == 0
    assert "splits the words of these messages nearly into letters" in length_warnings(russian, "ru", Recipe())[0]
    of_another_base = lengths_of((9, 20), base="bert-base-chinese", characters=1.0)
    assert length_warnings(of_another_base, "zh", Recipe()) == ()


def test_a_sample_is_the_same_whatever_the_order_and_limits_are_those_of_the_encoder(monkeypatch):
    monkeypatch.setattr(token_lengths, "TEXTS", 10)
    texts = [f"{'word ' * number}end" for number in range(600)]
    first, second = measure(texts, "minilm"), measure(reversed(texts), "minilm")
    assert first == second
    assert (len(first.lengths), first.encoder_limit) == (10, 512)
    assert measure([texts[599]], "minilm").lengths == (602,)


@pytest.fixture
def banking():
    return ["where is my parcel", "I want my money back", "the card was charged twice", "how long does a refund take"]


@pytest.fixture
def chinese():
    return ["我的包裹还没有到，快递员说没人在家", "请退款，灯坏了", "退货标签在哪里", "客服态度很差，等了两个小时"]
