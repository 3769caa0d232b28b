import subprocess
import sys

import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    return tmp_path


def test_a_loopback_service_is_open_and_says_so_until_the_first_key(home, start):
    with start(home) as service:
        assert service.http.get("/readyz").json()["access"] == "open"
        assert "no API key was ever made" in service.log.read_text()
        assert service.predict("so").status_code == 200
        secret = service.store.create_key("web", ["predict"])
        assert service.predict("so").status_code == 401
        assert service.http.get("/readyz").json()["access"] == "keys"
        service.http.headers.update(bearer(secret))
        assert service.predict("so").status_code == 200


def test_mlflows_client_sends_a_key_as_the_password_of_its_host(home, start):
    with start(home) as service:
        secret, port = service.store.create_key("web", ["predict"]), service.http.base_url.port
        found = ScoringServerClient(f"key:{secret}@127.0.0.1", port).invoke(["bad"]).get_predictions()
        assert found["label"].tolist() == ["negative"]
        with pytest.raises(Exception, match="401"):
            ScoringServerClient(f"key:{secret[:-1]}@127.0.0.1", port).invoke(["bad"])


def test_the_idempotency_keys_of_one_caller_are_nothing_to_another(home, start):
    with start(home) as service:
        one, other = (bearer(service.store.create_key(name, ["predict", "feedback"])) for name in ("one", "other"))

        def give(headers):
            asked = service.http.post("/v1/models/sentiment/predict", json={"texts": ["so"]}, headers=headers)
            said = {"prediction": asked.json()["predictions"][0]["id"], "correct": True}
            return service.http.post("/v1/feedback", json=said, headers=headers | {"Idempotency-Key": "1"}).status_code

        assert [give(one), give(other), give(one)] == [201, 201, 409]


@pytest.mark.parametrize("said", ["Basic", "Basic x", "Basic \xff", "Basic Og==", "Digest Og=="])
def test_what_is_no_key_opens_nothing(home, start, said):
    with start(home) as service:
        service.store.create_key("web", ["predict"])
        assert service.http.get("/v1/models", headers={"Authorization": said.encode("latin-1")}).status_code == 401


def test_a_revoked_key_is_refused_by_the_next_request_and_leaves_the_door_closed(home, start):
    with start(home) as service:
        service.http.headers.update(bearer(service.store.create_key("web", ["predict"])))
        assert service.predict("so").status_code == 200
        revoking = "from pipelines.store.store import Store; Store(__import__('sys').argv[1]).revoke_key('web')"
        subprocess.run([sys.executable, "-c", revoking, f"sqlite:///{home / 'needloop.db'}"], check=True, timeout=60)
        assert service.predict("so").status_code == 401
        del service.http.headers["Authorization"]
        assert service.predict("so").status_code == 401
    with start(home) as service:
        assert service.predict("so").status_code == 401


PROXIES = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Anything",
    "Forwarded",
    "Via",
    "X-Real-IP",
    "Cf-Connecting-Ip",
    "CF-Ray",
    "True-Client-Ip",
    "X-Client-IP",
    "Fastly-Client-IP",
    "X-Cluster-Client-IP",
    "X-Original-Host",
    "X-Envoy-External-Address",
    "X-Amzn-Trace-Id",
    "X-Azure-ClientIP",
    "CDN-Loop",
]


def test_a_loopback_service_behind_a_proxy_is_not_open(home, start):
    with start(home) as service:
        told = {name: service.http.get("/v1/models", headers={name: "127.0.0.1"}).status_code for name in PROXIES}
        assert told == dict.fromkeys(PROXIES, 401)
        assert service.http.get("/v1/models", headers={"X-Request-Id": "1", "Traceparent": "00"}).status_code == 200


@pytest.mark.parametrize(
    ("options", "more"),
    [(("--host", "0.0.0.0"), {}), ((), {"NEEDLOOP_HOSTS": "models.example"})],
    ids=["for other machines", "under a name of its own"],
)
def test_a_service_that_others_may_reach_is_never_open(home, start, options, more):
    with start(home, *options, **more) as service:
        assert service.http.get("/healthz").status_code == 200
        assert service.http.get("/readyz").json()["access"] == "keys"
        assert service.predict("so").status_code == 401
        assert "needloop keys create" in service.log.read_text()


def test_why_a_champion_is_missing_is_told_to_those_with_a_key(home, start, promote):
    promote(home, 2, home / "package", digest="0" * 64)
    with start(home) as service:
        assert "version 2" in service.http.get("/readyz").json()["problems"]["sentiment"]
        secret = service.store.create_key("web", ["predict"])
        assert "version 2" not in service.http.get("/readyz").text
        assert "version 2" in service.http.get("/readyz", headers=bearer(secret)).text
