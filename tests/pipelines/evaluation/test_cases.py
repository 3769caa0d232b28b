import pandas as pd

from pipelines.evaluation.behaviour.cases import sample_rows, sample_texts
from pipelines.ingestion.text import digest

TEXTS = [f"message {number}" for number in range(1000)]


def test_a_sample_hardly_changes_when_texts_join():
    before, after = (
        sample_texts(TEXTS, 50),
        sample_texts([*reversed(TEXTS), *(f"new {number}" for number in range(20))], 50),
    )
    assert len(set(before)) == 50
    assert len(set(before) - set(after)) <= 5


def test_a_repeated_text_is_sampled_once():
    assert sorted(sample_texts(["a", "b", "a"], 3)) == ["a", "b"]


def test_a_sample_is_fair_to_texts_that_masking_moved_to_another_hash():
    """Hashes of training texts are high, because low ones are held out; after masking, some are low."""
    high = [text for text in TEXTS if digest(text) > "4"]
    masked = [f"{text} <PHONE>" for text in high[:100]]
    share = sum("<PHONE>" in text for text in sample_texts([*high, *masked], 200)) / 200
    assert abs(share - len(masked) / len([*high, *masked])) < 0.07


def test_rows_are_sampled_as_texts_are():
    frame = pd.DataFrame({"text": [*TEXTS, TEXTS[0]], "label": [*map(str, range(1000)), "again"]})
    rows = sample_rows(frame, 1000)
    assert rows["text"].tolist() == sample_texts(TEXTS, 1000)
    assert all(text == f"message {label}" for text, label in zip(rows["text"], rows["label"], strict=True))
