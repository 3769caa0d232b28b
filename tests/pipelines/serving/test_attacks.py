"""Attacks by a web page in the operator's browser, or by another user of the machine, on a service without keys."""

import http.client

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.store import signin
from tests.pipelines.serving.conftest import promote, running, write_package

EVIL = "evil.example"
PREDICT = ("POST", "/v1/models/sentiment/predict", b'{"texts": ["so"]}')
BACK = ("POST", "/v1/models/sentiment/rollback", b'{"champion": 3, "reason": "bad"}')
FORCE = ("POST", "/v1/models/sentiment/promote", b'{"version": 1, "champion": 3, "reason": "bad"}')
UNDO = ("POST", "/v1/feedback/undo", b'{"feedback": 1}')
INBOX, LOOP = ("GET", "/v1/models/sentiment/messages", b""), ("GET", "/v1/loop", b"")
DECIDING, READING = (BACK, FORCE, UNDO), (INBOX, LOOP)


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    home = tmp_path_factory.mktemp("victim")
    promote(home, 1, write_package(home / "packages" / "1"))
    promote(home, 3, write_package(home / "packages" / "3"))
    signin.link(home, "")
    with running(home) as service:
        service.predict("a secret so good")
        yield service


def sent(service, request, *headers):
    """Status and body of the answer to a request with exactly these headers."""
    (method, path, body), base = request, service.http.base_url
    connection = http.client.HTTPConnection(base.host, base.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    assert "access-control-allow-origin" not in {name.lower() for name, _ in response.getheaders()}
    connection.close()
    return answer


def own(service):
    return "Host", f"127.0.0.1:{service.http.base_url.port}"


JSON, TEXT, FOREIGN = ("Content-Type", "application/json"), ("Content-Type", "text/plain"), ("Origin", f"http://{EVIL}")


def named(attacks):
    return pytest.mark.parametrize("request_", attacks, ids=lambda it: it[1].rpartition("/")[2])


@named((PREDICT, *DECIDING))
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((JSON, FOREIGN), {403}),
        ((TEXT, FOREIGN), {403}),
        ((JSON, ("Origin", "null")), {403}),
        ((TEXT,), {401, 415}),
        ((), {401, 415}),
        ((("Content-Type", "application/x-www-form-urlencoded"),), {401, 415}),
    ],
    ids=["foreign origin", "plain text", "no origin of its own", "text without origin", "no type", "a form"],
)
def test_a_page_of_another_site_writes_nothing(victim, request_, headers, status):
    before = Ledger(victim.home / "ledger.jsonl").entries()
    assert sent(victim, request_, own(victim), *headers)[0] in status
    assert Ledger(victim.home / "ledger.jsonl").entries() == before


@named((PREDICT, *DECIDING, *READING, ("GET", "/v1/models", b""), ("GET", "/", b"")))
@pytest.mark.parametrize(
    "host", [EVIL, f"{EVIL}:8000", f"127.0.0.1.{EVIL}", "localhost.evil.example", "127.0.0.1@evil"]
)
def test_a_name_that_was_rebound_to_this_machine_is_not_answered(victim, request_, host):
    status, said = sent(victim, request_, ("Host", host), JSON, ("Origin", f"http://{host}"))
    assert (status, "NEEDLOOP_HOSTS" in said) == (400, True)


@named((*DECIDING, *READING))
@pytest.mark.parametrize("secret", [None, "Bearer nl_signin_", "Basic Og==", f"Bearer nl_signin_{'A' * 43}"])
def test_another_user_of_this_machine_without_the_secret_gets_nothing(victim, request_, secret):
    shown = [("Authorization", secret)] if secret else []
    status, said = sent(victim, request_, own(victim), JSON, *shown)
    assert status == 401
    assert "secret so good" not in said


def test_the_preflight_of_a_foreign_page_is_granted_nothing(victim):
    asked = (own(victim), FOREIGN, ("Access-Control-Request-Method", "POST"))
    assert sent(victim, ("OPTIONS", INBOX[1], b""), *asked)[0] in (401, 405)


def test_under_names_of_its_own_a_service_answers_to_those_and_asks_for_a_key(tmp_path):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with running(tmp_path, NEEDLOOP_HOSTS="models.example") as service:
        for request in (PREDICT, INBOX, BACK):
            assert sent(service, request, ("Host", EVIL), JSON)[0] == 400
            assert sent(service, request, ("Host", "models.example"), JSON)[0] == 401


TWICE = {
    "Host": ("127.0.0.1", EVIL),
    "Authorization": ("Bearer nl_wrong", "Bearer right"),
    "Origin": ("http://127.0.0.1", f"http://{EVIL}"),
    "Content-Type": ("application/json", "text/plain"),
    "Transfer-Encoding": ("chunked", "identity"),
}


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned around"])
@pytest.mark.parametrize("name", TWICE)
def test_a_header_that_decides_and_comes_twice_is_refused(victim, name, turned):
    values = TWICE[name][::-1] if turned else TWICE[name]
    right = signin.link(victim.home, "").partition("#token=")[2]
    said = [(name, value.replace("right", right)) for value in values]
    others = [one for one in (own(victim), JSON) if one[0] != name]
    status, told = sent(victim, PREDICT, *others, *said)
    assert status == 400
    assert "at most one" in told or name == "Transfer-Encoding"  # the parser refuses it beside a length


def test_the_same_host_twice_is_refused_and_other_headers_may_repeat(victim):
    assert sent(victim, INBOX, own(victim), own(victim))[0] == 400
    assert sent(victim, PREDICT, own(victim), JSON, ("Accept", "a/b"), ("Accept", "c/d"))[0] == 200
