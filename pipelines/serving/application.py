"""The application: routes, what guards them, and what is opened and closed around them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from pipelines.runtime.settings import Settings
from pipelines.serving.api import feedback, predict, status
from pipelines.serving.api.description import Api
from pipelines.serving.api.errors import Shield, handle_errors
from pipelines.serving.api.fast_path import FastPathMiddleware
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.mount import mount_console
from pipelines.serving.middleware.access import Access
from pipelines.serving.middleware.authentication import LOOPBACK, local
from pipelines.serving.middleware.body_limits import BodyLimits
from pipelines.serving.middleware.origins import Origins
from pipelines.serving.middleware.security_headers import Headers
from pipelines.serving.protocols import invocations, open_inference
from pipelines.serving.protocols.error_formats import ErrorFormats
from pipelines.serving.service import PATIENCE_SECONDS, opened
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.serving.telemetry.timing import Timing

# Of one key, or one address without a key, where other machines may ask: less than half of what two cores answer.
RATE = 200.0
DESCRIPTION = "What do customers need? Ask the promoted models, and tell them when they are wrong."


def app(settings: Settings, host: str = "127.0.0.1", packages: Mapping[str, Path] | None = None) -> FastAPI:
    """The service of one home, for the address it will be bound to; with `packages` it serves these alone.

    The console shows the ledger, so it is there only where the ledger is followed.
    """
    metrics, workspace = Metrics(), replace(settings.workspace, patience=PATIENCE_SECONDS)

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        with opened(settings, workspace, metrics, host, packages) as service:
            api.state.service = service
            await service.door.tell()
            yield

    # The pages /docs and /redoc would fetch scripts from other people's servers; ours is /openapi.json, which asks for
    # a key where all do.
    api = Api(title="Needloop", description=DESCRIPTION, lifespan=lifespan, docs_url=None, openapi_url=None)
    for part in (predict, feedback, status, open_inference, invocations):
        api.include_router(part.router)
    handle_errors(api)
    if not packages:
        mount_console(api, workspace, Links(prefect=settings.prefect_page, mlflow=settings.mlflow_page))
    _guard(api, metrics, settings, host)
    return api


def _guard(api: FastAPI, metrics: Metrics, settings: Settings, host: str) -> None:
    """From the inside out."""
    ours = local(host, settings.hosts)
    rate = settings.rate if settings.rate is not None else 0.0 if ours else RATE
    api.add_middleware(FastPathMiddleware, api=api)
    api.add_middleware(BodyLimits)
    api.add_middleware(Access, api=api, rate=rate)
    api.add_middleware(Origins, names=(*LOOPBACK, *settings.hosts) if host in LOOPBACK or settings.hosts else ())
    api.add_middleware(Shield, api=api)
    api.add_middleware(ErrorFormats)
    api.add_middleware(Headers)
    api.add_middleware(Timing, metrics=metrics)
