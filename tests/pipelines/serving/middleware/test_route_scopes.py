import asyncio

import httpx
import pytest
from fastapi import APIRouter
from starlette.routing import Mount

from pipelines.serving.application import app
from pipelines.serving.middleware.route_scopes import ScopeRules, public, require_scopes
from pipelines.workspace.settings import Settings


async def nothing(scope, receive, send):
    raise AssertionError("it was let in")


def paths(router):
    api = app(Settings(_env_file=None))
    api.include_router(router, prefix="/v9")
    api.router.routes.append(Mount("/static", nothing))
    api.router.routes.append(Mount("/files", nothing))
    return api


@pytest.fixture
def route_scopes():
    router = APIRouter()
    router.get("/forgotten")(lambda: 1)
    router.get("/hidden", include_in_schema=False)(lambda: 1)
    router.get("/open", openapi_extra=public())(lambda: 1)
    router.get("/both", openapi_extra=require_scopes("review"))(lambda: 1)
    router.post("/both", openapi_extra=require_scopes("admin"))(lambda: 1)
    router.get("/{name}", openapi_extra=require_scopes("predict", "review"))(lambda: 1)
    return ScopeRules(paths(router).routes)


@pytest.mark.parametrize(
    ("method", "path", "route", "scopes"),
    [
        ("GET", "/v9/forgotten", "/v9/forgotten", {"admin"}),
        ("GET", "/v9/hidden", "/v9/hidden", {"admin"}),
        ("GET", "/v9/open", "/v9/open", None),
        ("GET", "/v9/both", "/v9/both", {"review"}),
        ("POST", "/v9/both", "/v9/both", {"admin"}),
        ("GET", "/v9/anything", "/v9/{name}", {"predict", "review"}),
        ("GET", "/static/a/b.js", "/static", None),
        ("GET", "/files/a", "/files", {"admin"}),
        ("GET", "/healthz", "/healthz", None),
        ("DELETE", "/healthz", "none", None),
        ("DELETE", "/v9/both", "none", set()),
        ("GET", "/nowhere", "none", set()),
        ("GET", "/v9/open/", "none", set()),
        ("GET", "/V9/OPEN", "none", set()),
        ("GET", "//v9/open", "none", set()),
        ("GET", "/v9/open\n", "/v9/open", None),  # as the router takes it
        ("GET", "/static/../files/a", "/static", None),
    ],
)
def test_a_route_needs_what_it_declares_and_is_closed_if_it_declares_nothing(route_scopes, method, path, route, scopes):
    need = route_scopes.find(method, path)
    assert need.route == route
    assert need.scopes == scopes


def test_a_route_that_declares_nothing_is_refused_by_the_service_that_is_open_to_all(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path))
    router = APIRouter()
    router.get("/forgotten")(lambda: 1)
    api = paths(router)

    async def statuses():
        transport = httpx.ASGITransport(api)
        async with (
            api.router.lifespan_context(api),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
        ):
            return [(await http.get(path)).status_code for path in ("/v1/models", "/v9/forgotten", "/files/a")]

    assert asyncio.run(statuses()) == [200, 401, 401]


def test_the_description_says_of_a_forgotten_route_that_it_is_for_admins():
    router = APIRouter()
    router.get("/forgotten")(lambda: 1)
    described = paths(router).openapi()
    assert described["security"] == [{"key": ["admin"]}]
    assert "security" not in described["paths"]["/v9/forgotten"]["get"]
    assert {"401", "403", "429"} <= set(described["paths"]["/v9/forgotten"]["get"]["responses"])
