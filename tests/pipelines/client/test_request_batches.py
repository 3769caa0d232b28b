"""Batches of texts: in order, within the limits of one request."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipelines.client.request_batches import MAX_BYTES, MAX_TEXTS, batches
from pipelines.serving.api.predict import PredictRequest
from pipelines.serving.middleware.request_limits import MAX_BYTES as BODY_LIMIT


@given(st.lists(st.text(max_size=20), max_size=400), st.integers(1, 200))
def test_every_text_is_in_one_batch_in_its_order(texts, size):
    divided = list(batches(texts, str, size))
    assert [text for batch in divided for text in batch] == texts
    assert all(0 < len(batch) <= size for batch in divided)


def test_a_batch_is_within_what_the_service_takes():
    texts = [character * 10_000 for character in ("\u4e2d", '"', "\U0001f621", "\x01", "a")] * 200
    for batch in batches(texts, str):
        PredictRequest.model_validate({"texts": batch})
        assert len(json.dumps({"texts": batch}, ensure_ascii=False).encode()) < BODY_LIMIT
    assert MAX_TEXTS <= 256
    assert MAX_BYTES <= BODY_LIMIT
