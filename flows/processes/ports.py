"""The ports of `needloop up`: the default of each server, or the next free port above it."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from flows.processes.starting import open_port
from pipelines.web.listening import LOOPBACK

USUAL = {"service": 8000, "prefect": 4200, "mlflow": 5000}


@dataclass(frozen=True)
class Ports:
    """The port that the command line names for each server; None: its default or the next free one, 0: any free one."""

    service: int | None = None
    prefect: int | None = None
    mlflow: int | None = None

    @contextmanager
    def opened(self, host: str) -> Iterator[Mapping[str, socket.socket]]:
        """A socket for each part, where the service listens at `host`; closed afterwards where nobody took it.

        Raises PortTaken for a port that was named.
        """
        with ExitStack() as stack:
            listeners = dict[str, socket.socket]()
            # Those that were named come first.
            for part, wanted in sorted(asdict(self).items(), key=lambda item: item[1] is None):
                where = host if part == "service" else LOOPBACK
                listeners[part] = stack.enter_context(open_port(wanted, USUAL[part], where))
            yield listeners

    def moved(self, part: str, port: int) -> str:
        """A sentence that names the port in use where the default one is taken; empty where it is not."""
        usual = getattr(self, part) is None and USUAL[part]
        return f"port {usual} is taken: {part} listens at {port}" if usual and port != usual else ""
