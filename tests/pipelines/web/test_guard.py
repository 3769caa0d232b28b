"""The guard in front of Prefect and MLflow: host names, origins and secrets, for requests and websockets."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipelines.web.credentials import basic_auth_header
from pipelines.web.guard import ServerGuard

SECRET = "needloop:open-sesame"
OURS = "http://127.0.0.1:4200"
KEY = basic_auth_header(SECRET)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@pytest.fixture
def reached():
    """The paths that reached the server behind the guard."""
    return []


def all_but_health(path):
    return path != "/health"


def guarded(reached, **options):
    async def answer(request):
        reached.append(request.url.path)
        return PlainTextResponse("behind")

    async def talk(socket):
        reached.append("/socket")
        await socket.accept()
        await socket.send_text("behind")

    routes = [WebSocketRoute("/socket", talk), Route("/{path:path}", answer, methods=METHODS)]
    return TestClient(ServerGuard(Starlette(routes=routes), **options), base_url=OURS)


@pytest.mark.parametrize("host", ["127.0.0.1:4200", "localhost", "LOCALHOST:4200", "[::1]:4200", "shop.example:443"])
def test_the_names_of_this_machine_and_those_declared_are_answered(host, reached):
    assert guarded(reached, hosts=("Shop.Example",)).get("/", headers={"Host": host}).text == "behind"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4200", "127.0.0.1.evil.example", "", "0.0.0.0:4200"])
@pytest.mark.parametrize("path", ["/", "/health", "/api/deployments/filter"])
def test_another_name_is_refused_everywhere(host, path, reached):
    response = guarded(reached, protects=all_but_health).get(path, headers={"Host": host})
    assert response.status_code == 400
    assert "NEEDLOOP_HOSTS" in response.text
    assert reached == []


def test_two_names_are_refused(reached):
    headers = [("Host", "127.0.0.1:4200"), ("Host", "evil.example")]
    assert guarded(reached).get("/", headers=headers).status_code == 400
    assert reached == []


FOREIGN = ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:4200", "https://127.0.0.1"]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", METHODS)
def test_a_page_of_another_origin_is_refused_whatever_it_sends(origin, method, reached):
    headers = {"Origin": origin, "Content-Type": "text/plain", **KEY}
    assert guarded(reached, credential=SECRET).request(method, "/api/flows", headers=headers).status_code == 403
    assert reached == []


def test_the_pages_own_requests_pass(reached):
    guard = guarded(reached, hosts=("shop.example",))
    assert guard.post("/api", headers={"Origin": OURS, "Sec-Fetch-Site": "same-origin"}).text == "behind"
    behind_tls = {"Host": "shop.example", "Origin": "https://shop.example"}
    assert guard.post("/api", headers=behind_tls).text == "behind"


def test_a_page_behind_may_speak_to_its_own_server_only(reached):
    policy = guarded(reached).get("/").headers["Content-Security-Policy"]
    sources = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert sources["frame-ancestors"] == sources["form-action"] == "'self'"
    assert "connect-src" not in sources, "so that the default holds"
    assert not [
        source for source in sources["default-src"].split() if "." in source or "*" in source or "http" in source
    ]


FOLLOWED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
@pytest.mark.parametrize(
    ("fetch", "method", "status"),
    [
        (FOLLOWED, "GET", 200),
        (FOLLOWED, "POST", 403),
        ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "GET", 403),
        ({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, "GET", 403),
        ({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, "GET", 403),
        ({}, "GET", 403),
    ],
    ids=["a link", "a form", "a frame", "a script", "an image", "unsaid"],
)
def test_of_another_site_only_links_lead_here(site, fetch, method, status, reached):
    response = guarded(reached).request(method, "/", headers={"Sec-Fetch-Site": site, **fetch})
    assert response.status_code == status
    assert bool(reached) is (status == 200)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic_auth_header("needloop:wrong"),
        basic_auth_header("needloop:ä€"),
        {"Authorization": "Basic"},
        {"Authorization": b"Basic \xff\xfe"},
        {"Authorization": "Bearer open-sesame"},
        basic_auth_header(""),
    ],
)
def test_without_the_secret_nothing_answers_but_health(headers, reached):
    guard = guarded(reached, credential=SECRET, file="mlflow.auth", protects=all_but_health)
    for path in ("/", "/health/", "/healthy", "/static-files/health", "/api/health"):
        response = guard.get(path, headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
        assert "mlflow.auth" in response.text
    assert reached == []
    assert guard.get("/health", headers=headers).text == "behind"


def test_who_holds_the_secret_comes_in_but_not_with_a_second_one_beside_it(reached):
    guard = guarded(reached, credential=SECRET)
    assert guard.get("/", headers=KEY).text == "behind"
    assert guard.get("/", headers=[*KEY.items(), ("Authorization", "Basic eA==")]).status_code == 401


def test_of_two_words_on_the_site_that_asks_none_is_believed(reached):
    headers = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site"), *FOLLOWED.items()]
    assert guarded(reached).get("/", headers=headers).status_code == 403
    assert guarded(reached).get("/", headers=headers[1:]).status_code == 200


def test_where_the_page_signs_in_the_browser_shows_no_dialog_and_the_server_asks_its_websockets(reached):
    guard = guarded(reached, credential=SECRET, file="prefect.auth", page_signs_in=True)
    refused = guard.get("/api/flows")
    assert refused.status_code == 401
    assert "WWW-Authenticate" not in refused.headers
    assert "prefect.auth" in refused.json()["exception_message"]
    with guard.websocket_connect("/socket", headers={"Host": "127.0.0.1"}) as socket:
        assert socket.receive_text() == "behind"
    assert reached == ["/socket"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": OURS, "Authorization": ""}]
)
def test_a_refused_websocket_is_never_opened(headers, reached):
    guard = guarded(reached, credential=SECRET)
    with pytest.raises(WebSocketDisconnect), guard.websocket_connect("/socket", headers=headers):
        pass
    assert reached == []


def test_a_websocket_of_the_own_page_with_the_secret_is_opened(reached):
    guard = guarded(reached, credential=SECRET)
    headers = {"Origin": OURS, "Host": "127.0.0.1:4200", **KEY}
    with guard.websocket_connect("/socket", headers=headers) as socket:
        assert socket.receive_text() == "behind"
