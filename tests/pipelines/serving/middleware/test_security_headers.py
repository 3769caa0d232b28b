import json
import re

import pytest

PREDICT = "/v1/models/sentiment/predict"
ASKED = {
    "an answer": ("POST", PREDICT, {"json": {"texts": ["so"]}}, 200),
    "health": ("GET", "/healthz", {}, 200),
    "a wrong body": ("POST", PREDICT, {"json": {}}, 422),
    "no JSON": ("POST", PREDICT, {"content": b"x"}, 415),
    "a wrong path": ("GET", "/nowhere", {}, 404),
    "a wrong method": ("DELETE", PREDICT, {"headers": {"Content-Type": "application/json"}}, 405),
    "a foreign name": ("GET", "/healthz", {"headers": {"Host": "evil.example"}}, 400),
}


def ask(service, what):
    method, path, more, status = ASKED[what]
    answer = service.http.request(method, path, **more)
    assert answer.status_code == status
    return answer


@pytest.mark.parametrize("what", ASKED)
def test_every_answer_lets_a_browser_run_frame_guess_and_keep_nothing(service, what):
    headers = ask(service, what).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_site_is_told_that_it_may_read(service, method, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Content-Type": "application/json"}
    answer = service.http.request(method, PREDICT if method != "GET" else "/v1/models", headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://localhost:1", "http://127.0.0.1"])
def test_a_write_from_a_page_of_another_site_is_refused(service, origin):
    answer = service.http.post(PREDICT, json={"texts": ["so"]}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]


def test_a_write_from_a_page_of_ours_and_a_read_from_any_are_answered(service):
    own = str(service.http.base_url).rstrip("/")
    assert service.http.post(PREDICT, json={"texts": ["so"]}, headers={"Origin": own}).status_code == 200
    assert service.http.get("/healthz", headers={"Origin": "https://evil.example"}).status_code == 200


def test_a_service_with_names_of_its_own_answers_to_those_and_to_this_machine(tmp_path, start):
    with start(tmp_path, "--host", "0.0.0.0", NEEDLOOP_HOSTS="models.example, other.example") as service:
        for host in ("models.example", "Other.Example:8443", "localhost"):
            assert service.http.get("/healthz", headers={"Host": host}).status_code == 200
        assert service.http.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def lines(service):
    return [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.parametrize("what", ASKED)
def test_an_answer_carries_the_id_under_which_the_log_tells_of_it(service, what):
    id = ask(service, what).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", id)
    noted = [line for line in lines(service) if line["request"] == id]
    if what != "health":
        (line,) = noted
        assert line["status"] == ASKED[what][3]
        assert line["ms"] > 0
        assert line["method"] == ASKED[what][0]


def test_the_log_is_one_object_a_line_and_holds_no_text(service):
    words = {"texts": ["xyzzy-42 so"], "customer": "xyzzy-43"}
    prediction = service.http.post(PREDICT, json=words).json()["predictions"][0]["id"]
    for said in ({"comment": "xyzzy-44", "rating": 1}, {"label": "xyzzy-45"}, {"xyzzy-46": 1}):
        service.http.post("/v1/feedback", json={"prediction": prediction, **said})
    service.http.request("XYZZY-46", "/healthz")
    service.http.get("/xyzzy-47?xyzzy-48=1", headers={"X-Request-Id": "xyzzy-49", "Authorization": "Bearer xyzzy-50"})
    log = service.log.read_text()
    assert "xyzzy" not in log.lower()
    assert all(line.startswith("{") for line in log.splitlines() if not line.startswith("Needloop answers"))
    assert {line["route"] for line in lines(service) if "route" in line} >= {"/v1/feedback", "none"}


def test_the_log_names_a_key_by_its_id_and_never_its_secret(locked):
    service, keys = locked
    service.http.get("/v1/models", headers={"Authorization": f"Bearer {keys['predict']}"})
    assert keys["predict"].split("_")[1] in {line.get("key") for line in lines(service)}
    assert keys["predict"].split("_", 2)[2] not in service.log.read_text()
