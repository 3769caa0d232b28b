"""No body leads to a 5xx, and the next answer is unchanged."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingestion.text import normalise

PREDICT = "/v1/models/sentiment/predict"
JSON = {"Content-Type": "application/json"}
FEW = settings(max_examples=120, deadline=None)

TEXTS = {
    "a million letters": (["a" * 1_000_000], 422),
    "ten thousand texts": (["so"] * 10_000, 422),
    "a word of ten thousand letters": (["a" * 10_000], 200),
    "NUL": (["so\x00so", "\x00so"], 200),
    "nothing but NUL": (["\x00"], 422),
    "emoji": (["👩‍👩‍👧‍👦" * 500, "🏳️‍🌈 so 👍🏽"], 200),
    "right to left": (["הטיסה שלי בוטלה", "\u202eso\u202c", "رحلتي so"], 200),
    "marks upon marks": (["s" + "\u0301" * 5_000 + "o"], 200),
    "what is not a character": (["\uffff\ufdd0 so"], 200),
    "every plane of Unicode": (["".join(map(chr, range(0x10000, 0x10F000, 113)))], 200),
    "half of a pair": (["\ud83d so"], 422),
    "code": (
        ["'; DROP TABLE predictions; --", "so <script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "%s%n"],
        200,
    ),
    "nothing but a script": (["<script>alert(1)</script>"], 422),
    "numbers": ([1, 2.5, True], 422),
    "lists": ([["so"]], 422),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)


@pytest.fixture
def alive(service):
    """After each test the service gives its usual answer."""
    yield
    assert service.first("bad")["label"] == "negative"


def post(service, path, body, **headers):
    """Send any value as JSON, lone surrogates and NaN included."""
    answer = service.http.post(path, content=json.dumps(body).encode(), headers=JSON | headers)
    assert answer.status_code < 500
    return answer


@pytest.mark.parametrize(("texts", "status"), TEXTS.values(), ids=TEXTS)
def test_texts_that_nobody_expects_are_answered_or_refused(service, alive, texts, status):
    answer = post(service, PREDICT, {"texts": texts})
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["predictions"]) == len(texts)


@FEW
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200), min_size=1, max_size=8))
def test_any_texts_are_all_answered_unless_one_is_blank(service, texts):
    answer = post(service, PREDICT, {"texts": texts})
    blank = [place for place, text in enumerate(texts) if not normalise(text)]
    assert answer.status_code == (422 if blank else 200)
    if blank:
        assert [one["loc"][-1] for one in answer.json()["detail"]] == blank


@FEW
@given(body=ANYTHING | st.fixed_dictionaries({"texts": ANYTHING}, optional={"customer": ANYTHING}))
def test_any_json_is_no_failure_of_a_prediction(service, body):
    post(service, PREDICT, body)


@FEW
@given(
    said=st.fixed_dictionaries({}, optional=dict.fromkeys(("label", "correct", "rating", "comment"), ANYTHING)),
    key=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), min_size=1, max_size=300).map(str.strip),
)
def test_any_json_is_no_failure_of_feedback(service, said, key):
    post(
        service,
        "/v1/feedback",
        {"prediction": service.first()["id"]} | said,
        **{"Idempotency-Key": key.encode("latin-1")},
    )
    post(service, "/v1/feedback", said | {"prediction": said.get("label")})


@FEW
@given(body=st.binary(max_size=300), path=st.sampled_from([PREDICT, "/v1/feedback"]))
def test_any_bytes_are_no_failure(service, body, path):
    assert service.http.post(path, content=body, headers=JSON).status_code in (400, 422)
