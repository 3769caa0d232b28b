"""The application: routes, what guards them, and what is opened and closed around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipelines.serving import feedback, predict, state
from pipelines.serving.errors import Shield, handle_errors
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.protocols import inference, invocations
from pipelines.serving.protocols.dialects import Dialects
from pipelines.serving.service import opened
from pipelines.serving.timing import Timing
from pipelines.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DESCRIPTION = "What do customers need? Ask the promoted models, and tell them when they are wrong."


def app(settings: Settings, host: str = "127.0.0.1") -> FastAPI:
    """The service of one home, for the address it will be bound to."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        with opened(settings, metrics) as service:
            api.state.service = service
            yield

    # The pages /docs and /redoc would fetch scripts from other people's servers; /openapi.json needs nobody.
    api = FastAPI(title="Needloop", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None)
    for part in (predict, feedback, state, inference, invocations):
        api.include_router(part.router)
    handle_errors(api)
    _guard(api, metrics, host)
    return api


def _guard(api: FastAPI, metrics: Metrics, host: str) -> None:
    """From the inside out."""
    api.add_middleware(Limits)
    if host in (*LOOPBACK, "::1"):
        # A page that rebinds its own name to this machine sends that name along.
        api.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK, www_redirect=False)
    api.add_middleware(Shield)
    api.add_middleware(Dialects)
    api.add_middleware(Timing, metrics=metrics)
