import pandas as pd
import pytest

from pipelines.catalog.built_in import BUILT_IN, INTENTS
from pipelines.catalog.gate import Slice
from pipelines.evaluation.slices import NoSuchSlice, score_slices

TEXTS = {
    "k1": ("@united you lost my bag and nobody at the desk in Newark knows where it is", "bad"),
    "k2": ("@United thank you", "good"),
    "k3": ("@southwestair ✈️ thank you all so much for the lovely trip to Austin", "good"),
    "k4": ("谢谢你们，行李找到了，服务很好", "good"),
    "k5": ("<HANDLE> where do I find the form for a refund of my ticket please", "bad"),
}


@pytest.fixture
def test():
    return pd.DataFrame([(key, *row) for key, row in TEXTS.items()], columns=["key", "text", "label"])


def score(test, answers=("bad", "bad", "good", "good", "good"), champion=None, **one):
    (found,) = score_slices([Slice(min_texts=1, **one)], test, answers, champion)
    return found


@pytest.mark.parametrize(
    ("by", "value", "texts", "right"),
    [
        ("airline", "united", 2, 1),
        ("length", "short", 2, 1),
        ("length", "long", 3, 2),
        ("language", "zh", 1, 1),
        ("has-handle", "yes", 4, 2),
        ("has-handle", "no", 1, 1),
        ("has-emoji", "yes", 1, 1),
    ],
)
def test_texts_are_where_their_words_put_them(test, by, value, texts, right):
    found = score(test, by=by, value=value)
    assert (found.texts, found.right) == (texts, right)


def test_the_champion_is_counted_on_the_same_texts(test):
    found = score(test, by="airline", value="united", champion=["bad", "good", "bad", "bad", "bad"])
    assert (found.right, found.champion) == (1, 2)


def test_too_few_texts_are_insufficient_and_no_texts_have_no_accuracy(test):
    few, none = score_slices(
        [Slice(by="airline", value="united", min_texts=3), Slice(by="airline", value="jetblue")],
        test,
        ["bad"] * 5,
        None,
    )
    assert (few.enough, none.enough) == (False, False)
    assert none.accuracy != none.accuracy


def test_a_channel_is_a_column_of_the_source(test):
    with pytest.raises(NoSuchSlice, match=r"source\.channel"):
        score(test, by="channel", value="chat")
    told = test.assign(channel=["chat", "mail", "chat", "", ""])
    assert score(told, by="channel", value="chat").texts == 2


def test_a_need_is_told_by_a_file_of_labels(test, tmp_path):
    file = tmp_path / "needs.csv"
    file.write_text("hash,label\nk1,baggage\nk4,baggage\nk9,refund\n")
    assert score(test, by="need", value="baggage", labels=str(file)).texts == 2
    with pytest.raises(NoSuchSlice, match="needs `labels`"):
        score(test, by="need", value="baggage")


def test_the_built_in_models_declare_slices_that_their_data_can_answer():
    rows = INTENTS.read_text().splitlines()[1:]
    needs = {row.split(",")[1] for row in rows}
    for spec in BUILT_IN:
        assert {one.by for one in spec.slices} >= {"airline", "length", "language", "has-handle", "has-emoji"}
        assert {one.value for one in spec.slices if one.by == "need"} <= needs
