"""Runs the Prefect and MLflow servers on an inherited socket, with timeouts and a limit of connections."""

import argparse
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from pipelines.web.http_timeouts import TimeoutProtocol
from pipelines.web.listening import inherited_socket

# Most connections, idle ones included: with databases and page files, below the usual limit of 1,024 open files.
MAX_CONNECTIONS = 600


def inherited_listener(program: str, description: str | None) -> socket.socket:
    """The listening socket of the argument `--fd N`, opened by the parent process."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--fd", type=int, required=True)
    return inherited_socket(parser.parse_args().fd)


def serve(app: ASGIApp, listener: socket.socket, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app, http=TimeoutProtocol, limit_concurrency=MAX_CONNECTIONS, server_header=False, **options
    )
    uvicorn.Server(config).run(sockets=[listener])
