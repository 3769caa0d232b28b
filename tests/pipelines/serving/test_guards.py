import gzip
import http.client
import json
import sqlite3

import pytest

PREDICT = "/v1/models/sentiment/predict"
JSON = {"Content-Type": "application/json"}
LIMIT = 4 * 2**20


def raw(service, headers, body=b"", method="POST", path=PREDICT):
    """A request with exactly these headers."""
    connection = http.client.HTTPConnection(service.http.base_url.host, service.http.base_url.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", ""])
def test_a_foreign_host_name_is_refused_on_loopback(service, host):
    assert raw(service, {"Host": host}, method="GET", path="/v1/models")[0] == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000"])
def test_a_loopback_host_name_is_answered(service, host):
    assert raw(service, {"Host": host}, method="GET", path="/healthz")[0] == 200


def test_a_service_for_other_machines_answers_to_any_name(tmp_path, start):
    with start(tmp_path, "--host", "0.0.0.0") as service:
        assert raw(service, {"Host": "models.example"}, method="GET", path="/healthz")[0] == 200


@pytest.mark.parametrize("path", [PREDICT, "/v1/feedback"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", None])
def test_a_write_without_the_json_type_is_refused(service, path, kind):
    headers = {"Host": "localhost", "Content-Length": "16"} | ({"Content-Type": kind} if kind else {})
    assert raw(service, headers, b'{"texts":["so"]}', path=path)[0] == 415


def test_a_packed_body_is_refused_with_how_to_send_it(service):
    packed = gzip.compress(b'{"texts":["so"]}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused = service.http.post(PREDICT, content=packed, headers=headers)
    assert (refused.status_code, "without `Content-Encoding`" in refused.text) == (415, True)
    plain = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert service.http.post(PREDICT, content=b'{"texts":["so"]}', headers=plain).status_code == 200


def test_a_json_type_with_a_charset_is_taken(service):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert service.http.post(PREDICT, content=b'{"texts":["so"]}', headers=headers).status_code == 200


def test_a_body_that_says_it_is_too_large_is_refused_unread(service):
    headers = {"Host": "localhost", "Content-Length": str(LIMIT + 1)} | JSON
    assert raw(service, headers)[0] == 413


def test_a_body_that_hides_its_size_is_cut_off(service):
    blocks = (b" " * 65536 for _ in range(80))
    assert service.http.post(PREDICT, content=blocks, headers=JSON).status_code == 413


def test_a_body_of_just_the_limit_is_read(service):
    body = b'{"texts":["so"]}'
    assert service.http.post(PREDICT, content=body + b" " * (LIMIT - len(body)), headers=JSON).status_code == 200


def test_an_unforeseen_error_shows_and_logs_nothing_that_was_sent(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with start(tmp_path) as service:
        with sqlite3.connect(tmp_path / "needloop.db") as database:
            database.execute("DROP TABLE predictions")
        response = service.predict("xyzzy-42 so")
        assert response.status_code == 500
        assert response.json() == {"detail": "internal error: the service has logged it; the request may be retried"}
        log = service.log.read_text()
        assert "OperationalError at" in log
        assert "xyzzy-42" not in log
        assert service.http.get("/healthz").status_code == 200


def test_the_description_gives_examples_and_every_refusal(service):
    paths = service.http.get("/openapi.json").json()["paths"]
    assert set(paths[PREDICT.replace("sentiment", "{model}")]["post"]["responses"]) >= {
        "200",
        "404",
        "413",
        "415",
        "422",
        "503",
    }
    assert set(paths["/v1/feedback"]["post"]["responses"]) >= {"200", "201", "404", "409", "413", "415", "422"}
    assert "united" in json.dumps(service.http.get("/openapi.json").json()["components"]["schemas"]["PredictRequest"])


def test_after_a_body_that_was_refused_the_connection_is_as_good_as_new(service):
    for _ in range(40):
        assert service.http.post(PREDICT, content=b" " * (LIMIT + 1), headers=JSON).status_code == 413
        assert service.http.post(PREDICT, content=b"{", headers=JSON).status_code == 422
