"""How the servers of others (Prefect, MLflow) are run: at a socket that was handed over, and with limits."""

import argparse
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from pipelines.web.http_timeouts import TimeoutProtocol
from pipelines.web.listening import inherited

# Idle ones too: under the 1,024 open files that a process usually may have, beside databases and page files.
CONNECTIONS = 600


def handed_over(program: str, description: str | None) -> socket.socket:
    """The socket of `--fd N`, which listens already; its port is the choice of whoever started this process."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--fd", type=int, required=True)
    return inherited(parser.parse_args().fd)


def serve(app: ASGIApp, listener: socket.socket, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(app, http=TimeoutProtocol, limit_concurrency=CONNECTIONS, server_header=False, **options)
    uvicorn.Server(config).run(sockets=[listener])
