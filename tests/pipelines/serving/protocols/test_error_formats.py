"""Refusals from any part of the service have the form of the request's protocol."""

import http.client
import json
import sqlite3

import pytest

INFER = "/v2/models/sentiment/infer"
GOOD = {
    INFER: {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["bad"]}]},
    "/invocations": {"inputs": ["bad"]},
}
FIELDS = {INFER: {"error"}, "/invocations": {"error_code", "message"}}

both = pytest.mark.parametrize("path", [INFER, "/invocations"])


@both
def test_a_body_that_is_too_large_or_not_json(service, path):
    large = service.http.post(path, content=b" " * (4 * 2**20 + 1), headers={"Content-Type": "application/json"})
    broken = service.http.post(path, content=b"{", headers={"Content-Type": "application/json"})
    form = service.http.post(path, data={"inputs": "bad"})
    assert [one.status_code for one in (large, broken, form)] == [413, 400, 415]
    assert all(set(one.json()) == FIELDS[path] for one in (large, broken, form))


@both
def test_a_wrong_method_keeps_the_header_that_names_the_right_one(service, path):
    refused = service.http.get(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert set(refused.json()) == FIELDS[path]


@both
def test_a_foreign_host_name(service, path):
    refused = service.http.post(path, json=GOOD[path], headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert set(refused.json()) == FIELDS[path]


@both
def test_an_error_of_ours(tmp_path, start, promote, write_package, path):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with start(tmp_path) as service:
        with sqlite3.connect(tmp_path / "needloop.db") as database:
            database.execute("DROP TABLE predictions")
        refused = service.http.post(path, json=GOOD[path])
        assert refused.status_code == 500
        assert set(refused.json()) == FIELDS[path]
        assert "the service has logged it" in refused.text


def test_a_path_nobody_knows_below_the_protocols(service):
    assert service.http.get("/v2/models").json() == {"error": "Not Found"}
    assert service.http.get("/v2beta").json() == {"detail": "Not Found"}


def posted(service, path, **headers):
    """The status of a request without a content type, as Triton's client sends it, with exactly these headers."""
    body = json.dumps(GOOD[path]).encode()
    connection = http.client.HTTPConnection("127.0.0.1", service.http.base_url.port, timeout=20)
    connection.putrequest("POST", path, skip_accept_encoding=True)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


@both
def test_json_that_names_no_type_is_taken_unless_a_web_page_sent_it(service, path):
    assert posted(service, path) == 200
    assert posted(service, path, Origin="https://evil.example") == 403
