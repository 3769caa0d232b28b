"""The ASGI application: routes, middleware and lifespan."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from pipelines.ledger.chain import BrokenLedger
from pipelines.promotion.preconditions import ChampionChanged
from pipelines.serving.api import feedback, predict, status
from pipelines.serving.api.description import Api
from pipelines.serving.api.errors import RETRY, ErrorBoundary, handle_errors
from pipelines.serving.console import decisions, loop_status, messages, models, static_files
from pipelines.serving.console.background_commands import Busy
from pipelines.serving.console.console_context import ConsoleContext
from pipelines.serving.console.history import NoSuchVersion
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.models import NoSuchFile
from pipelines.serving.middleware.access import AccessControl
from pipelines.serving.middleware.authentication import LOOPBACK, is_local
from pipelines.serving.middleware.browser_safety import Origins, SecurityHeaders
from pipelines.serving.middleware.request_limits import BodyLimits
from pipelines.serving.protocols import invocations, open_inference
from pipelines.serving.protocols.error_formats import ErrorFormats
from pipelines.serving.service import DATABASE_TIMEOUT_SECONDS, open_service
from pipelines.serving.shortcuts.fast_path import FastPathMiddleware
from pipelines.serving.telemetry.logs import RequestTiming
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.feedback_rows import UnknownFeedback
from pipelines.workspace.settings import Settings
from pipelines.workspace.workspace import Workspace

CONSOLE_STATUS: dict[type[Exception], int] = {
    UnknownFeedback: 404,
    NoSuchVersion: 404,
    NoSuchFile: 404,
    ChampionChanged: 409,
    Busy: 409,
    BrokenLedger: 503,
}
# Default rate limit, in requests per second and key (or address), if other machines may connect: less than half of what
# two cores answer.
DEFAULT_RATE = 200.0
DESCRIPTION = "Classify customers' messages with the promoted models, and send feedback on their answers."


def app(settings: Settings, host: str = "127.0.0.1", packages: Mapping[str, Path] | None = None) -> FastAPI:
    """The application of one home, for the host it will be bound to; with `packages` it serves these alone.

    The console is mounted only without `packages`, because it shows the ledger.
    """
    metrics, workspace = Metrics(), replace(settings.workspace, timeout=DATABASE_TIMEOUT_SECONDS)

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        with open_service(settings, workspace, metrics, host, packages) as service:
            api.state.service = service
            await service.authenticator.log_mode()
            yield

    # No /docs and /redoc: they fetch scripts from other servers. /openapi.json is a route of api/status.py.
    api = Api(title="Needloop", description=DESCRIPTION, lifespan=lifespan, docs_url=None, openapi_url=None)
    for module in (predict, feedback, status, open_inference, invocations):
        api.include_router(module.router)
    handle_errors(api)
    if not packages:
        mount_console(api, workspace, Links(prefect=settings.prefect_page, mlflow=settings.mlflow_page))
    _add_middleware(api, metrics, settings, host)
    return api


def _add_middleware(api: FastAPI, metrics: Metrics, settings: Settings, host: str) -> None:
    """Add the middleware, innermost first."""
    local = is_local(host, settings.hosts)
    rate = settings.rate if settings.rate is not None else 0.0 if local else DEFAULT_RATE
    if "fast-path" in settings.shortcuts:
        api.add_middleware(FastPathMiddleware, api=api)
    api.add_middleware(BodyLimits)
    api.add_middleware(AccessControl, api=api, rate=rate)
    api.add_middleware(Origins, names=(*LOOPBACK, *settings.hosts) if host in LOOPBACK or settings.hosts else ())
    api.add_middleware(ErrorBoundary, api=api)
    api.add_middleware(ErrorFormats)
    api.add_middleware(SecurityHeaders)
    api.add_middleware(RequestTiming, metrics=metrics)


def mount_console(api: FastAPI, workspace: Workspace, links: Links) -> None:
    """Add the page, its files and routes, and the statuses of their errors."""
    api.state.console = ConsoleContext(workspace, links)
    for module in (messages, models, decisions, loop_status, static_files):
        api.include_router(module.router)
    api.mount("/static", static_files.files)
    for error in CONSOLE_STATUS:
        api.add_exception_handler(error, _console_error)


async def _console_error(_request: Request, error: Exception) -> JSONResponse:
    status = CONSOLE_STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)
