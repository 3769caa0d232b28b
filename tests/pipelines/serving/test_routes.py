import http.client

import pytest

from pipelines.serving.application import app
from pipelines.store.key_scopes import SCOPES
from pipelines.workspace.settings import Settings

JSON = {"Content-Type": "application/json"}
DESCRIBED = app(Settings(_env_file=None)).openapi()
ROUTES = [
    pytest.param(method.upper(), path.replace("{", "").replace("}", ""), asked, id=f"{method} {path}")
    for path, operations in DESCRIBED["paths"].items()
    for method, operation in operations.items()
    for asked in [operation.get("security", DESCRIBED["security"])]
]
CLOSED = [one for one in ROUTES if one.values[2]]
OPEN = ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/ping", "/version"]


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def reason_of(answer):
    """The reason of a refusal, in the field of its protocol."""
    return next(answer.json()[name] for name in ("detail", "error", "message") if name in answer.json())


def call(service, method, path, headers=None):
    return service.http.request(method, path, headers=JSON | (headers or {}), content=b"" if method == "GET" else b"{}")


def test_every_route_is_described_with_what_it_asks_for():
    assert DESCRIBED["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert {path for _, path, need in (one.values for one in ROUTES) if not need} <= {*OPEN, "/", "/sign-in"}


@pytest.mark.parametrize(("method", "path", "need"), ROUTES)
def test_a_route_without_a_key_is_refused_unless_it_is_open(locked, method, path, need):
    service, _ = locked
    answer = call(service, method, path)
    if not need:
        assert answer.status_code < 400
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "needloop keys create" in reason_of(answer)


@pytest.mark.parametrize(("method", "path", "need"), CLOSED)
@pytest.mark.parametrize(
    "headers",
    [
        bearer("nl_0123456789ab_" + "A" * 43),
        {"Authorization": "Bearer"},
        bearer("\xff\xfe"),
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"X-Api-Key": "admin"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz", "X-HTTP-Method-Override": "GET"},
    ],
    ids=["unknown", "empty", "no ASCII", "another scheme", "another header", "from here, it says", "another path"],
)
def test_what_is_no_valid_key_opens_no_route(locked, method, path, need, headers):
    service, _ = locked
    answer = call(service, method, path, {name: value.encode("latin-1") for name, value in headers.items()})
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path", "need"), CLOSED)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_routes_of_its_scope_and_no_others(locked, method, path, need, scope):
    service, keys = locked
    answer = call(service, method, path, bearer(keys[scope]))
    wanted = need[0]["key"]
    if scope == "admin" or set(wanted) <= {scope}:
        assert answer.status_code not in (401, 403)
    else:
        assert answer.status_code == 403
        assert ", ".join(sorted(set(wanted) - {scope})) in reason_of(answer)
        assert "insufficient_scope" in answer.headers["www-authenticate"]


def test_a_path_that_does_not_exist_is_told_to_those_with_a_key_only(locked):
    service, keys = locked
    assert call(service, "GET", "/nowhere").status_code == 401
    assert call(service, "GET", "/nowhere", bearer(keys["predict"])).status_code == 404
    assert call(service, "GET", "/v1/feedback", bearer(keys["predict"])).status_code == 405


def test_whoever_is_refused_is_refused_before_the_body_is_read(locked):
    service, _ = locked
    connection = http.client.HTTPConnection(service.http.base_url.host, service.http.base_url.port, timeout=5)
    connection.putrequest("POST", "/v1/feedback")
    for name, value in {**JSON, "Content-Length": "100"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()
