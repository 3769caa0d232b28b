import re

import pandas as pd
import pytest

from pipelines.evaluation.behaviour.shared_capabilities import BASES
from pipelines.kinds.classification.evaluation.behaviour.label_capabilities import run_capabilities
from pipelines.masking.mask import mask
from pipelines.masking.rules import MaskingRules
from tests.pipelines.evaluation.voting import HAN, HAN_ENDINGS, declared, frame, reading, voter


def suite(ask, spec=None, threshold=0.5):
    """The capabilities by name, of texts in the language of the declaration."""
    spec = spec or declared()
    train = frame(HAN, HAN_ENDINGS) if spec.language == "zh" else frame()
    return {one.name: one for one in run_capabilities(spec, train.iloc[::2], train.iloc[1::2], ask, threshold)}


KINDS = {
    "plain": "minimum functionality",
    "typos": "invariance",
    "case": "invariance",
    "emoji": "invariance",
    "names": "invariance",
    "numbers": "invariance",
    "code-switching": "invariance",
    "negation": "direction",
    "agreement": "direction",
    "off-topic": "minimum functionality",
}


def recorded(ask):
    """The same model, and a list that records every batch of texts."""
    batches = []

    def listening(texts):
        batches.append(list(texts))
        return ask(texts)

    return listening, batches


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_capability_of_its_kind_is_tried_and_a_model_that_reads_words_has_them(language):
    found = suite(voter(), declared(language, opposites=("delay", "praise")))
    wanted = (
        KINDS if language == "en" else {name: kind for name, kind in KINDS.items() if name not in ("typos", "case")}
    )
    assert {name: one.kind for name, one in found.items()} == wanted
    assert {name: one.failed for name, one in found.items() if name != "typos"} == dict.fromkeys(
        wanted.keys() - {"typos"}, 0
    )


@pytest.mark.parametrize(
    ("language", "pattern", "capability"),
    [
        ("en", "[A-Z]{3}", "case"),
        ("en", "[\u2600-\u27bf\U0001f300-\U0001faff]", "emoji"),
        ("en", r"Regards|This is|here:", "names"),
        ("en", r"\d", "numbers"),
        ("en", "Hola|Bonjour|Guten|Ciao|你好|Saludos|Cordialement", "code-switching"),
        ("zh", "敬上|我是", "names"),
        ("zh", r"\d", "numbers"),
        ("zh", "[A-Za-z]", "code-switching"),
    ],
)
def test_a_model_that_is_led_by_what_says_nothing_fails_that_capability_alone(language, pattern, capability):
    """Off-topic texts hold all kinds of signs; another test covers them."""
    found = suite(reading(pattern, "praise"), declared(language))
    failed = {name for name, one in found.items() if one.failed and name not in ("off-topic", "typos")}
    assert failed == {capability}
    assert found[capability].rate > 0.3
    assert "-> praise" in found[capability].examples[0]
    assert len(found[capability].examples) == 5


def test_a_misspelt_key_word_fails_where_the_model_knows_no_other():
    found = suite(voter())["typos"]
    assert 0 < found.failed < found.cases
    assert re.fullmatch(r"'.+' -> '.+': \w+ -> \w+", found.examples[0])


def test_the_same_texts_in_another_order_give_the_same_cases():
    def ask_model(train):
        ask, batches = recorded(voter())
        found = run_capabilities(declared(), train, train, ask, 0.5)
        return found, [set(batch) for batch in batches]

    train = frame()
    assert ask_model(train) == ask_model(train.sample(frac=1, random_state=1))


def test_base_texts_are_asked_once_and_all_texts_are_some_hundreds():
    ask, batches = recorded(voter())
    found = suite(ask, declared(opposites=("delay", "praise")))
    assert len(batches) == len(found) + 2  # the bases, and the negated texts
    assert sorted(map(len, batches))[-1] <= BASES
    assert sum(map(len, batches)) < 700


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_no_text_that_is_asked_would_be_altered_by_masking(language):
    ask, batches = recorded(voter())
    suite(ask, declared(language, opposites=("delay", "praise")))
    assert [text for batch in batches for text in batch if mask(text, MaskingRules(("united",))) != text] == []


def test_a_language_without_phrases_gets_the_changes_that_need_none():
    found = suite(voter(), declared("fr", opposites=("delay", "praise")))
    assert found.keys() == KINDS.keys() - {"names", "numbers", "code-switching", "negation"}
    assert found["off-topic"].cases < suite(voter())["off-topic"].cases


def test_with_few_validation_rows_the_base_texts_are_those_of_train():
    train = frame()
    few = pd.DataFrame({"text": ["never asked"] * 9, "label": ["delay"] * 9})
    ask, batches = recorded(voter())
    found = {one.name: one.cases for one in run_capabilities(declared(), few, train, ask, 0.5)}
    assert found["emoji"] == BASES
    assert not any("never asked" in text for batch in batches for text in batch)


def test_what_is_off_topic_must_be_answered_with_less_confidence_than_the_threshold():
    assert suite(voter(), threshold=0.34)["off-topic"].failed == 0
    found = suite(voter(), threshold=0.33)["off-topic"]
    assert found.failed == found.cases
    assert re.fullmatch(r"'.+': \w+ 0\.33", found.examples[0])


def test_declared_cases_are_a_capability_of_their_own(tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text("text,label\nmy bag,baggage\nthe last bag was late,delay\n", encoding="utf-8")
    found = suite(voter(), declared(cases=str(file)))["declared"]
    assert (found.kind, found.cases, found.failed) == ("minimum functionality", 2, 1)
    assert found.examples == ("'the last bag was late': delay -> baggage",)
