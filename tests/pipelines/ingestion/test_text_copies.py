import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingestion.message_columns import SCHEMA
from pipelines.ingestion.text_copies import merge_copies

ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["Hi", "hi"]), st.sampled_from(["good", "bad"])))


def columns(rows):
    """Rows of key, text and label, one line each."""
    other = {"cut": False, "weight": 1.0, "channel": "", "customer": ""}
    named = [
        {"key": key, "text": text, "label": label, "line": line, **other}
        for line, (key, text, label) in enumerate(rows)
    ]
    return pa.Table.from_pylist(named, schema=SCHEMA)


def labels(merged):
    """The label of each key that remains."""
    return dict(zip(merged.messages["key"].to_pylist(), merged.messages["label"].to_pylist(), strict=True))


@given(ROWS, st.randoms())
def test_the_order_of_rows_changes_neither_the_texts_nor_the_labels(rows, chance):
    shuffled = chance.sample(rows, len(rows))
    first, second = (merge_copies(columns(one)).messages.select(["key", "text", "label"]) for one in (rows, shuffled))

    assert first.to_pylist() == second.to_pylist()


@given(ROWS)
def test_each_row_remains_is_a_copy_or_contradicts_and_keys_are_in_order(rows):
    merged = merge_copies(columns(rows))
    keys = merged.messages["key"].to_pylist()
    contradicting = merged.contradicting.to_pylist()

    assert keys == sorted(set(keys))
    assert set(keys) | {row["key"] for row in contradicting} == {key for key, _, _ in rows}
    assert all(labels(merged).get(row["key"]) != row["label"] for row in contradicting)


@pytest.mark.parametrize(
    ("written", "expected"), [(["good", "bad", "bad"], {"a": "bad"}), (["good", "bad"], {}), (["bad"], {"a": "bad"})]
)
def test_the_label_of_most_copies_remains_and_a_tie_leaves_none(written, expected):
    merged = merge_copies(columns([("a", "hi", label) for label in written]))

    assert labels(merged) == expected
    assert len(merged.contradicting) == sum(label != expected.get("a") for label in written)
