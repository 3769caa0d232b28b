"""Prefect's server behind the guard, at an open socket: `python -m flows.processes.prefect_server --fd N`."""

import os
import sys

from starlette.types import ASGIApp

from flows.processes.prefect_hello import Hello
from pipelines.runtime.file_modes import close
from pipelines.runtime.settings import Settings
from pipelines.web.guard import Guard
from pipelines.web.page_server import handed_over, serve

DOCUMENTATION = ("/docs", "/redoc", "/openapi.json")


def app(settings: Settings, credential: str) -> ASGIApp:
    """Prefect's own application, behind a guard that lets in only those who hold the credential.

    Prefect asks for it, too, but logs a traceback for each one that it cannot compare.
    """
    from prefect.server.api.server import create_app

    served = Hello(create_app(final=True), credential)
    close(settings.home / "cache" / "prefect-pages")  # copied from the package with its modes
    return Guard(served, settings.hosts, credential, "prefect.auth", _asks, by_page=True)


def _asks(path: str) -> bool:
    """Not for health, nor for the page and its files, which must be there to ask people."""
    return path.startswith(("/api/", *DOCUMENTATION)) and path not in ("/api/health", "/api/ready")


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    listener = handed_over("flows.processes.prefect_server", __doc__)
    settings = Settings().activate()
    # Prefect would read its settings from files of the current folder, and its migrations put that folder first on the
    # path: a user's `aiosqlite.py` would be executed there.
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
