"""The server of the service's process: prints its address and writes the address file."""

import gc
import os
import socket
from pathlib import Path

import uvicorn


class Server(uvicorn.Server):
    """Prints its address and the sign-in `link`, if any, once it accepts requests, and writes the address file."""

    def __init__(self, config: uvicorn.Config, address: str, page: str, file: Path | None, link: str | None) -> None:
        super().__init__(config)
        self._address, self._page, self._file, self._link = address, page, file, link

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server, then print and write its address."""
        await super().startup(sockets)
        # Objects of the start-up stay: collecting garbage among them would halt every request for 80 ms.
        gc.collect()
        gc.freeze()
        print(f"Needloop answers at {self._address}{self._page}; API at /openapi.json", flush=True)
        if self._link:
            print_link(self._link)
        if self._file:
            draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            draft.write_text(self._address, encoding="utf-8")
            draft.replace(self._file)


def print_link(link: str) -> None:
    """Print the sign-in link."""
    print(f"To sign in, open {link}", flush=True)
