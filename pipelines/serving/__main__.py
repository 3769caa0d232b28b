"""`python -m pipelines.serving`: the service as a process."""

import argparse
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import uvicorn

from pipelines.serving.application import app
from pipelines.serving.logs import configure
from pipelines.serving.members import MEMBER, NoSharing, bound, serve
from pipelines.serving.patience import Patience
from pipelines.settings import Settings

GRACE_SECONDS = 1
# Connections, idle ones too: under the 1,024 open files that a process usually may have.
CONNECTIONS = 800
# Longer than the 5 s that httpx and others keep a connection: whoever closes first must not be us.
KEEP_ALIVE_SECONDS = 15
# How long a thread that computes in Python may keep the one that answers waiting; Python's own 5 ms add up to a tenth.
SWITCH_SECONDS = 0.001


class Server(uvicorn.Server):
    """Tells its address as soon as it answers there."""

    def __init__(self, config: uvicorn.Config, address: str, file: Path | None) -> None:
        super().__init__(config)
        self._address, self._file = address, file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say where."""
        await super().startup(sockets)
        # What is there now stays: to look through all of it for garbage halts every answer for 80 ms.
        gc.collect()
        gc.freeze()
        print(f"Needloop answers at {self._address}/, the console; API at /openapi.json", flush=True)
        if self._file:
            draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            draft.write_text(self._address, encoding="utf-8")
            draft.replace(self._file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _options(arguments)
    configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = Settings().activate()
    if options.address_file and not options.member:
        options.address_file.unlink(missing_ok=True)
    listener = _listen(options.host, options.port, shared=options.member)
    if settings.workers > 1 and not options.member:
        sys.exit(_together(settings, options, listener))
    config = uvicorn.Config(
        app(settings, options.host),
        loop="uvloop",
        http=Patience,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # The address in X-Forwarded-For is whatever the client wrote there.
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    _leave_at_once_when_closed()
    if options.tied:
        Thread(target=_leave_with_parent, name="tied", daemon=True).start()
    Server(config, _address(listener), options.address_file).run(sockets=[listener])


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipelines.serving", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: any that is free")
    parser.add_argument("--address-file", type=Path, help="written with http://host:port once it answers")
    parser.add_argument(MEMBER, action="store_true", help="share the port with others")
    parser.add_argument("--tied", action="store_true", help="end with the process that holds our standard input")
    return parser.parse_args(arguments)


def _together(settings: Settings, options: argparse.Namespace, listener: socket.socket) -> int:
    address, family = listener.getsockname(), listener.family
    listener.close()  # the port is free
    if options.tied:
        Thread(target=_leave_with_parent, name="tied", daemon=True).start()
    said = [f"--host={options.host}", *([f"--address-file={options.address_file}"] if options.address_file else [])]
    try:
        return serve(settings.workers, said, address, family, settings.home / "cache")
    except NoSharing as error:
        sys.exit(str(error))


def _listen(host: str, port: int, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = (
            bound((host, port), family) if shared else socket.create_server((host, port), family=family, backlog=2048)
        )
    except (OSError, OverflowError) as error:
        sys.exit(f"cannot listen at {host}:{port}: {error}; choose another --port or --host")
    # Connections inherit it. Without it the end of every answer waits 40 ms for the client's acknowledgement, because
    # asyncio sets it only on sockets that name their protocol, and these do not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _leave_at_once_when_closed() -> None:
    # Uvicorn closes everything and then raises the signal once more. By then only a computation that nobody waits for
    # can still run, and a plain exit would wait for its thread.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _leave_with_parent() -> None:
    """A parent that was killed cannot stop us, but the pipe it held is closed then."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
