"""Messages and decisions of the console require a sign-in from the start; the link that `serve` prints is one."""

import re
import stat

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.store import signin
from pipelines.store.key_scopes import SCOPES
from tests.pipelines.serving.conftest import running, until
from tests.pipelines.serving.console.furniture import furnished

MODEL = "/v1/models/sentiment"
BACK = {"champion": 3, "reason": "bad"}
GUARDED = [
    ("GET", f"{MODEL}/messages", None),
    ("GET", f"{MODEL}/review", None),
    ("GET", f"{MODEL}/history", None),
    ("GET", f"{MODEL}/versions/3", None),
    ("GET", f"{MODEL}/versions/3/pictures/confusion", None),
    ("GET", f"{MODEL}/versions/3/card", None),
    ("GET", f"{MODEL}/changes/1/3", None),
    ("GET", "/v1/loop", None),
    ("GET", "/v1/work", None),
    ("POST", f"{MODEL}/promote", {"version": 2, "champion": 3, "reason": "an override"}),
    ("POST", f"{MODEL}/rollback", BACK),
    ("POST", "/v1/feedback/undo", {"feedback": 1}),
]
OPEN = ["/v1/models", "/v1/caller", "/healthz", "/readyz", "/metrics", "/openapi.json", "/"]


@pytest.fixture(scope="module")
def keyless(tmp_path_factory):
    """A furnished service without any key."""
    home = tmp_path_factory.mktemp("keyless")
    furnished(home)
    with running(home) as service:
        yield service


def secret(home):
    return signin.link(home, "").partition("#token=")[2]


def call(service, method, path, body=None, **headers):
    return service.http.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize(("method", "path", "body"), GUARDED, ids=lambda one: one if isinstance(one, str) else "")
def test_without_any_key_what_shows_messages_or_decides_asks_for_a_sign_in(keyless, method, path, body):
    before = len(Ledger(keyless.home / "ledger.jsonl").entries())
    refused = call(keyless, method, path, body)
    assert refused.status_code == 401
    assert "open the link that needloop up and needloop serve print" in refused.json()["detail"]
    assert "WWW-Authenticate" in refused.headers
    assert len(Ledger(keyless.home / "ledger.jsonl").entries()) == before


def test_every_route_of_the_console_is_guarded(keyless):
    """An open route that is missing in the list above fails this test."""
    paths = call(keyless, "GET", "/openapi.json").json()["paths"]
    open_ones = {"predict", "feedback"}
    for path, methods in paths.items():
        for method, about in methods.items():
            needed = {scope for one in about["security"] for scope in one["key"]}
            if not needed <= open_ones:
                url = path.format(model="sentiment", number=3, picture="confusion", before=1, after=3, version=1)
                assert call(keyless, method.upper(), url, {}).status_code == 401, path


@pytest.mark.parametrize("path", OPEN)
def test_what_gives_nothing_away_stays_open_until_the_first_key(keyless, path):
    assert call(keyless, "GET", path).status_code == 200


def test_asking_and_feedback_stay_open_until_the_first_key(keyless):
    answer = call(keyless, "POST", f"{MODEL}/predict", {"texts": ["so"]})
    said = {"prediction": answer.json()["predictions"][0]["id"], "correct": True}
    assert call(keyless, "POST", "/v1/feedback", said).status_code == 201


@pytest.mark.parametrize(("method", "path", "body"), GUARDED[:9], ids=lambda one: one if isinstance(one, str) else "")
def test_the_link_signs_in_for_all_that_is_guarded(keyless, method, path, body):
    bearer = f"Bearer {secret(keyless.home)}"
    assert call(keyless, method, path, body, Authorization=bearer).status_code == 200


def test_who_signed_in_is_told_and_named(keyless):
    found = call(keyless, "GET", "/v1/caller", Authorization=f"Bearer {secret(keyless.home)}").json()
    assert (found["name"], found["scopes"]) == ("sign-in link", sorted(SCOPES))


@pytest.mark.parametrize(
    "change", [lambda it: it[:-1], lambda it: it + "A", lambda it: it.swapcase(), lambda it: "nl_signin_"]
)
def test_a_secret_that_is_nearly_right_signs_nobody_in(keyless, change):
    wrong = call(keyless, "GET", "/v1/loop", Authorization=f"Bearer {change(secret(keyless.home))}")
    assert wrong.status_code == 401
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


def test_the_secret_is_not_taken_from_an_address(keyless):
    assert call(keyless, "GET", f"/v1/loop?token={secret(keyless.home)}").status_code == 401


def test_an_altered_file_signs_nobody_in_and_a_deleted_one_takes_the_link_back(tmp_path):
    with running(tmp_path) as service:
        service.sign_in()
        assert service.http.get("/v1/loop").status_code == 200
        file = tmp_path / signin.FILE
        known = file.read_text()
        file.write_text("")
        until(lambda: service.http.get("/v1/loop").status_code == 401, seconds=5)
        assert call(service, "GET", "/v1/loop", Authorization="Bearer nl_signin_").status_code == 401
        file.unlink()
        assert signin.link(tmp_path, "") != f"/#token={known.strip()}"
        assert service.http.get("/v1/loop").status_code == 401


def test_the_secret_lies_in_a_file_that_only_its_owner_reads(tmp_path):
    first = signin.link(tmp_path, "http://127.0.0.1:8000/")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/#token=nl_signin_[\w-]{43}", first)
    assert stat.S_IMODE((tmp_path / signin.FILE).stat().st_mode) == 0o600
    (tmp_path / signin.FILE).chmod(0o644)
    assert signin.link(tmp_path, "http://127.0.0.1:8000") == first
    assert stat.S_IMODE((tmp_path / signin.FILE).stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [signin.FILE]


def test_a_service_tells_the_link_only_where_it_is_asked_for_and_logs_it_never(tmp_path):
    with running(tmp_path) as service:
        service.sign_in().http.get("/v1/loop").raise_for_status()
        assert "signin" in service.log.read_text(), "the caller is named"
        assert secret(tmp_path) not in service.log.read_text()
    with running(tmp_path, "--link") as service:
        told = re.search(r"To sign in, open (\S+)", until(lambda: "sign in" in told_by(service) and told_by(service)))
        assert told[1] == f"{str(service.http.base_url).rstrip('/')}/#token={secret(tmp_path)}"


def told_by(service):
    return service.log.read_text()


@pytest.mark.parametrize(
    ("listens", "reached"),
    [
        ("http://0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("http://[::]:80", "http://[::1]:80"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_link_leads_to_an_address_that_a_browser_can_open(listens, reached):
    assert signin.reachable_address(listens) == reached


def test_several_processes_tell_one_link_and_each_takes_it(tmp_path):
    with running(tmp_path, "--link", NEEDLOOP_WORKERS="2") as service:
        bearer = {"Authorization": f"Bearer {secret(tmp_path)}"}
        for _ in range(8):  # a fresh connection each, so that both processes answer
            assert call(service, "GET", "/v1/loop", Connection="close", **bearer).status_code == 200
            assert call(service, "GET", "/v1/loop", Connection="close").status_code == 401
        assert service.log.read_text().count("To sign in, open") == 1


def test_the_link_signs_in_as_well_where_keys_are_asked_for(tmp_path):
    with running(tmp_path) as service:
        service.store.create_key("web", ["predict"])
        assert service.http.get("/v1/models").status_code == 401
        assert service.sign_in().http.get("/v1/loop").status_code == 200


def lose_database(home):
    for file in home.glob("needloop.db*"):
        file.unlink()


@pytest.mark.parametrize("seen", [True, False], ids=["by a running service", "by the one that is started then"])
def test_losing_the_database_does_not_open_the_door_again(tmp_path, seen):
    with running(tmp_path) as service:
        assert service.http.get("/readyz").json()["access"] == "open"
        if seen:
            service.store.create_key("web", ["predict"])
            until(lambda: service.http.get("/v1/models").status_code == 401, seconds=5)
    if not seen:
        service.store.create_key("web", ["predict"])
        with running(tmp_path, "--host", "0.0.0.0"):
            pass
    lose_database(tmp_path)
    with running(tmp_path) as service:
        assert service.http.get("/readyz").json()["access"] == "keys"
        assert service.http.get("/v1/models").status_code == 401
        assert service.predict("so").status_code == 401
        key = service.store.create_key("again", ["predict"])
        assert call(service, "GET", "/v1/models", Authorization=f"Bearer {key}").status_code == 200
