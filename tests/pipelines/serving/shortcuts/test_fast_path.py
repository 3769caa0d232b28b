"""Answers of the fast path are equal to answers through the router."""

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRouter
from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from pipelines.serving.api.errors import handle_errors
from pipelines.serving.shortcuts.fast_path import FastPathMiddleware, FastRoute

router = APIRouter(route_class=FastRoute)


class SpokenWord(BaseModel):
    word: str


class Odd(LookupError):
    pass


@router.post("/v1/say/{who}")
async def say(who: str, said: SpokenWord, service: str) -> SpokenWord:
    if said.word == "odd":
        raise Odd
    return SpokenWord(word=f"{who} {said.word} {service}")


@pytest.fixture(params=["with the router", "directly"])
def client(request, monkeypatch):
    api = FastAPI()
    api.state.service = "here"
    api.include_router(router)
    handle_errors(api)
    api.add_exception_handler(Odd, lambda _request, _error: JSONResponse({"detail": "odd"}, 409))

    if request.param == "directly":
        api.add_middleware(FastPathMiddleware, api=api)
        monkeypatch.setattr(FastRoute, "handle", None)  # the router would call it
    return TestClient(api)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"word": "so"}, 200, {"word": "anna so here"}),
        ({"word": "odd"}, 409, {"detail": "odd"}),
        ({}, 422, {"detail": [{"loc": ["body", "word"], "msg": "is missing", "type": "missing"}]}),
    ],
)
def test_answers_and_errors_are_the_same(client, body, status, said):
    answer = client.post("/v1/say/anna", json=body)
    assert (answer.status_code, answer.json()) == (status, said)


def test_what_is_no_lean_route_goes_on_to_the_router(client):
    assert client.get("/openapi.json").status_code == 200
    assert client.post("/v1/say/anna/more", json={"word": "so"}).status_code == 404
