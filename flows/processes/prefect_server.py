"""Prefect's server behind the guard, on an open socket: `python -m flows.processes.prefect_server --fd N`."""

import os
import sys

from starlette.types import ASGIApp

from flows.processes.prefect_hello import Hello
from pipelines.runtime.file_modes import restrict
from pipelines.web.guard import ServerGuard
from pipelines.web.page_server import inherited_listener, serve
from pipelines.workspace.settings import Settings

DOCUMENTATION = ("/docs", "/redoc", "/openapi.json")


def app(settings: Settings, credential: str) -> ASGIApp:
    """Prefect's own application behind a guard that checks the credential.

    Prefect checks it too, but logs a traceback for each credential that it cannot compare.
    """
    from prefect.server.api.server import create_app

    served = Hello(create_app(final=True), credential)
    restrict(settings.home / "cache" / "prefect-pages")  # Prefect copies the files with the modes of its package
    return ServerGuard(served, settings.hosts, credential, "prefect.auth", _is_protected, page_signs_in=True)


def _is_protected(path: str) -> bool:
    """True for the API and its documentation; False for health, and for the page, which asks for the credential."""
    return path.startswith(("/api/", *DOCUMENTATION)) and path not in ("/api/health", "/api/ready")


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    listener = inherited_listener("flows.processes.prefect_server", __doc__)
    settings = Settings().activate()
    # Prefect reads settings from files of the current folder, and its migrations put that folder first on the path:
    # a user's `aiosqlite.py` would be executed there.
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    os.chdir(logs)
    from prefect.settings import get_current_settings

    server = get_current_settings().server
    secret = server.api.auth_string
    if secret is None:
        sys.exit("Prefect's server must have a credential: set PREFECT_SERVER_API_AUTH_STRING")
    serve(
        app(settings, secret.get_secret_value()),
        listener,
        timeout_keep_alive=server.api.keepalive_timeout,
        ws_ping_interval=server.api.websocket_ping_interval,
        ws_ping_timeout=server.api.websocket_ping_timeout,
        log_level=server.logging_level.lower(),
    )


if __name__ == "__main__":
    main()
