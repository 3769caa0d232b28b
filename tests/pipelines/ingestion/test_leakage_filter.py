import pyarrow as pa
import pytest

from pipelines.ingestion.corpus_columns import example_columns
from pipelines.ingestion.leakage_filter import FEEDBACK, SOURCE, Example, remove_leaks, without_leaks
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, LEAK, NEAR_DUPLICATE

LONG = "where is the parcel that was sent to my house on the first monday of last month, please"


@pytest.mark.parametrize("keys", [("a", "b"), ("b", "a")], ids=["the source's key first", "feedback's key first"])
def test_of_near_twins_the_source_s_stays_and_feedback_on_it_is_counted(keys):
    source, feedback = (
        Example(key, text, "delivery", origin, 1.0)
        for key, text, origin in zip(keys, (LONG, f"{LONG}!!"), (SOURCE, FEEDBACK), strict=True)
    )
    found = remove_leaks([feedback, source], [])
    assert found.train == [source]
    assert found.counts == {"near duplicate": 1}


def rows(texts, origin=SOURCE):
    """Texts as columns, each with its place as line; those of feedback have no line."""
    table = example_columns([Example(str(place), text, "good", origin, 1.0) for place, text in enumerate(texts, 1)])
    lines = pa.array([0 if origin == FEEDBACK else line for line in range(1, len(texts) + 1)])
    return table.set_column(table.column_names.index("line"), "line", lines)


def test_each_reason_has_its_rows_with_their_lines_or_without_a_line_for_feedback():
    bag = "my bag is on the roof of the lounge"
    source = rows([bag, f"{bag}!", "the pilot sang for us all"])
    feedback = rows(["The pilot sang for us all!!"], FEEDBACK)
    remaining = without_leaks(pa.concat_tables([source, feedback]), pa.array(["the pilot sang for us, all"]))

    assert remaining.messages["text"].to_pylist() == [bag]
    assert remaining.counts == {NEAR_DUPLICATE: 1, LEAK: 1, HELD_OUT_FEEDBACK: 1}
    assert remaining.examples == {
        NEAR_DUPLICATE: [f"line 2: {bag}!"],
        LEAK: ["line 3: the pilot sang for us all"],
        HELD_OUT_FEEDBACK: ["The pilot sang for us all!!"],
    }


def test_columns_and_examples_have_the_same_fate(messages):
    texts = [text for text, _ in messages(60)]
    learnt, held_out = [f"{text} now!" for text in texts[:40]] + texts[:20], texts[30:]
    examples = [Example(f"{place:03}", text, "good", SOURCE, 1.0) for place, text in enumerate(learnt)]
    remaining = without_leaks(example_columns(examples), pa.array(held_out, pa.large_string()))

    filtered = remove_leaks(examples, held_out)
    assert remaining.messages["key"].to_pylist() == [example.key for example in filtered.train]
    assert remaining.counts == filtered.counts
