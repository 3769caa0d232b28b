"""One text of many that is not valid Unicode is named by its place, in every protocol, and never repeated."""

import json

import pytest

SECRET = "xyzzy-42"
PLACE = 201
UNICODE = "is not valid Unicode"
ROUTES = {
    "/v1/models/sentiment/predict": lambda texts: {"texts": texts},
    "/v2/models/sentiment/infer": lambda texts: {
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts}]
    },
    "/invocations": lambda texts: {"inputs": texts},
}
BROKEN = {
    "high": rb"xyzzy-42 \ud83d!",
    "low": rb"xyzzy-42 \udc00",
    "latin-1": b"xyzzy-42 caf\xe9",
    "at the end": rb"xyzzy-42 \ud83d",
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("shortcuts", [True, False], ids=["fast path", "router"])
def test_the_text_is_named_by_its_place(service, unhurried, route, broken, shortcuts):
    texts = [f"bad {number}" for number in range(256)]
    texts[PLACE] = "PLACE"
    body = json.dumps(ROUTES[route](texts)).encode().replace(b"PLACE", BROKEN[broken])
    http = service.http if shortcuts else unhurried.http
    refused = http.post(route, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422)
    assert UNICODE in refused.text
    detail = refused.json().get("detail")
    place = detail[0]["loc"][-1] if detail else refused.text
    assert place == PLACE or f".{PLACE}: " in place
    assert SECRET not in refused.text


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory, start, promote, write_package):
    """A service without shortcuts."""
    home = tmp_path_factory.mktemp("unhurried")
    promote(home, 3, write_package(home / "package"))
    with start(home, NEEDLOOP_SHORTCUTS="") as service:
        yield service


@pytest.mark.parametrize("field", ["comment", "label", "customer"])
def test_feedback_names_the_field(service, field):
    body = json.dumps({"prediction": "p", "label": "bad", field: "PLACE"}).encode().replace(b"PLACE", BROKEN["low"])
    refused = service.http.post("/v1/feedback", content=body, headers={"Content-Type": "application/json"})
    assert refused.json()["detail"][0]["loc"] == ["body", field]
    assert SECRET not in refused.text


@pytest.mark.parametrize("body", [b'{"texts": ["xyzzy-42"', b"[" * 100_000, b"", b"\xff\xfe", b'{"texts": "xyzzy-42"}'])
@pytest.mark.parametrize("route", [*ROUTES, "/v1/feedback"])
def test_broken_json_is_told_in_our_words(service, route, body):
    refused = service.http.post(route, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422)
    assert not any(words in refused.text for words in ("Invalid JSON", "JSON decode", "Input should", "Field required"))
    assert SECRET not in refused.text
