"""The ports of `needloop up`: the default of each server, or the next free port above it."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from flows.processes.starting import open_port
from pipelines.web.listening import LOOPBACK

DEFAULTS = {"service": 8000, "prefect": 4200, "mlflow": 5000}


@dataclass(frozen=True)
class Ports:
    """The port that the command line names for each server; None: its default or the next free one, 0: any free one."""

    service: int | None = None
    prefect: int | None = None
    mlflow: int | None = None

    @contextmanager
    def open_sockets(self, host: str) -> Iterator[Mapping[str, socket.socket]]:
        """Open a listening socket for each part, that of the service at `host`; close unused ones at the end.

        Raises PortTaken if a named port is taken.
        """
        with ExitStack() as stack:
            listeners = dict[str, socket.socket]()
            # Named ports are opened first, so that no default takes one.
            for part, port in sorted(asdict(self).items(), key=lambda item: item[1] is None):
                address = host if part == "service" else LOOPBACK
                listeners[part] = stack.enter_context(open_port(port, DEFAULTS[part], address))
            yield listeners

    def moved_message(self, part: str, port: int) -> str:
        """A sentence that names the port in use if the default port is taken, else an empty text."""
        default = getattr(self, part) is None and DEFAULTS[part]
        return f"port {default} is taken: {part} listens at {port}" if default and port != default else ""
