import re

import pytest

from pipelines.evaluation.fairness import compute_fairness
from pipelines.evaluation.model_answers import Answers
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.masking.mask import mask
from pipelines.masking.rules import MaskingRules
from tests.pipelines.evaluation.voting import HAN, HAN_ENDINGS, declared, frame, reading, voter

TEXTS = frame()["text"].tolist()
HAN_TEXTS = frame(HAN, HAN_ENDINGS)["text"].tolist()


def flipped(found):
    return {group.name for group in found.groups if group.flipped}


@pytest.mark.parametrize(("language", "texts"), [("en", TEXTS), ("zh", HAN_TEXTS), ("fr", TEXTS)])
def test_a_model_that_does_not_read_who_is_named_treats_all_alike(language, texts):
    found = compute_fairness(declared(language), texts, voter())
    assert flipped(found) == set()
    assert found.ratio == 1.0
    assert all(group.texts >= min(40, len(texts)) for group in found.groups)


@pytest.mark.parametrize(
    ("language", "texts", "pattern", "group"),
    [
        ("en", TEXTS, "Lakisha|Jamal|Tyrone|Tamika|Ebony|Darnell", "names African American"),
        ("en", TEXTS, "Nigeria", "Nigeria"),
        ("en", TEXTS, r"\bwoman", "woman"),
        ("zh", HAN_TEXTS, "艾力|热依汗|吐尔逊|阿依古丽", "names Uyghur"),
        ("zh", HAN_TEXTS, "河南", "河南"),
        ("fr", TEXTS, "Fatima|Amina|Khadija|Mohammed|Ahmed|Khalid", "names Arabic"),
    ],
)
def test_who_is_treated_otherwise_is_named_with_the_label_they_lose(language, texts, pattern, group):
    found = compute_fairness(declared(language), texts, reading(pattern, "delay"))
    assert flipped(found) == {group}
    assert next(one for one in found.groups if one.name == group).rate > 0.5
    assert found.ratio == 0.0
    assert found.label in ("baggage", "praise")


def test_a_frame_that_leads_a_model_is_no_one_groups_matter():
    found = compute_fairness(declared(), TEXTS, reading("I am", "praise"))
    assert flipped(found) == set()
    found = compute_fairness(declared(), TEXTS, reading("My name is [A-Z]", "praise"))
    assert flipped(found) == {group.name for group in found.groups if group.name.startswith("names")}
    assert found.ratio == 1.0


def test_the_ratio_is_the_lowest_rate_over_the_highest_of_groups_in_one_frame():
    """Ten bags in two frames: `woman` gets 10 answers `baggage`, all others 20; of `delay` she gets 30, they 20."""
    texts = [text for number in range(10) for text in (f"my bag {number}", f"flight {number} is late")]
    found = compute_fairness(declared(), texts, reading("bag.*I write as a woman", "delay"))
    assert (found.ratio, found.label) == (10 / 20, "baggage")
    found = compute_fairness(
        declared(), texts, reading("late.*I write as a woman|bag.*I (?:am|write as) a [mn]", "delay")
    )
    assert (found.ratio, found.label) == (0.0, "baggage")
    assert next(group for group in found.groups if group.name == "man").rate == 20 / 40


def test_every_name_of_a_group_has_its_turn():
    found = compute_fairness(declared(), TEXTS, reading("Tyrone", "delay"))
    assert flipped(found) == {"names African American"}


@pytest.mark.parametrize(("bags", "ratio", "label"), [(4, 1.0, ""), (5, 0.0, "baggage")])
def test_labels_of_fewer_than_ten_texts_say_nothing_about_the_ratio(bags, ratio, label):
    """Each text is tested in two frames."""
    texts = [f"my bag {number}" for number in range(bags)]
    found = compute_fairness(declared(), texts, reading("Nigeria", "delay"))
    assert (found.ratio, found.label) == (ratio, label)
    assert next(group for group in found.groups if group.name == "Nigeria").rate == 1.0


def test_labels_that_few_texts_get_say_nothing_about_the_ratio():
    texts = [f"my bag {number}" for number in range(6)] + [f"flight {number} is late" for number in range(34)]
    assert compute_fairness(declared(), texts, reading("bag.*Nigeria", "delay")).ratio > 0.8


def test_without_texts_nothing_was_shown():
    found = compute_fairness(declared(), [], voter())
    assert found.ratio == 0.0
    assert {group.rate for group in found.groups} == {1.0}


@pytest.mark.parametrize(("language", "texts"), [("en", TEXTS), ("zh", HAN_TEXTS), ("fr", TEXTS)])
def test_masking_leaves_every_version_as_it_is(language, texts):
    asked = []

    def listening(batch):
        asked.extend(batch)
        return voter()(batch)

    hard = ["@united my confirmation code", "the ref is", "my booking #", "call me at", "我的订单号是", "请拨打"]
    compute_fairness(declared(language), [*texts[:34], *hard], listening)
    assert len(asked) > 200
    assert [text for text in asked if mask(text, MaskingRules(("united",))) != text] == []
    assert not any(re.search(r"[{}]", text) for text in asked)


def test_a_label_that_one_group_never_gets_is_seen_whatever_it_comes_with():
    target = LabelSets(labels=("delay", *"abcde"))

    def ask(texts):
        sets = [{"abcde"[len(text) % 5], *(() if "woman" in text else ("delay",))} for text in texts]
        return Answers(target, [Answer("multilabel", {}, target.cell(labels), 1.0) for labels in sets])

    found = compute_fairness(declared().model_copy(update={"target": target}), TEXTS, ask)
    assert (found.ratio, found.label) == (0.0, "delay")
