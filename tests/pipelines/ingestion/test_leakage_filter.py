import pytest

from pipelines.ingestion.leakage_filter import FEEDBACK, SOURCE, Example, remove_leaks

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
