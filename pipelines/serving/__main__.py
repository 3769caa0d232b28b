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

from pipelines.home.faults import DatabaseFault, explained
from pipelines.home.soundness import UnsoundHome
from pipelines.masking.identity import BrokenKey, secret_key
from pipelines.runtime.settings import Settings
from pipelines.serving.models.given_packages import package
from pipelines.serving.process.process_pool import MEMBER, NoSharing, serve
from pipelines.serving.process.server_protocol import ServerProtocol
from pipelines.serving.telemetry.logs import configure
from pipelines.store import signin
from pipelines.store.schema import NewerDatabase
from pipelines.store.store import Store
from pipelines.web.listening import address, inherited, listening, sharing

GRACE_SECONDS = 1
# Connections, idle ones too: under the 1,024 open files that a process usually may have.
CONNECTIONS = 800
# Longer than the 5 s that httpx and others keep a connection: whoever closes first must not be us.
KEEP_ALIVE_SECONDS = 15
# How long a thread that computes in Python may keep the one that answers waiting; Python's own 5 ms add up to a tenth.
SWITCH_SECONDS = 0.001


class Server(uvicorn.Server):
    """Tells its address as soon as it answers there, what answers, and the `link` that signs in, if it is given."""

    def __init__(self, config: uvicorn.Config, address: str, page: str, file: Path | None, link: str | None) -> None:
        super().__init__(config)
        self._address, self._page, self._file, self._link = address, page, file, link

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say where."""
        await super().startup(sockets)
        # What is there now stays: to look through all of it for garbage halts every answer for 80 ms.
        gc.collect()
        gc.freeze()
        print(f"Needloop answers at {self._address}{self._page}; API at /openapi.json", flush=True)
        if self._link:
            _tell(self._link)
        if self._file:
            draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            draft.write_text(self._address, encoding="utf-8")
            draft.replace(self._file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _options(arguments)
    configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = _sound()
    if options.address_file and not options.member:
        options.address_file.unlink(missing_ok=True)
    listener = _listener(options)
    if settings.workers > 1 and not options.member:
        sys.exit(_together(settings, options, listener))
    from pipelines.serving.application import app  # 1 s that a process which only starts others, or fails, is spared

    config = uvicorn.Config(
        app(settings, options.host, dict(options.package)),
        loop="uvloop",
        http=ServerProtocol,
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
    where = address(listener)
    page = "" if options.package else "/, the console"
    Server(config, where, page, options.address_file, _link(settings, options, where)).run(sockets=[listener])


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipelines.serving", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: any that is free")
    parser.add_argument("--fd", type=int, help="instead: the number of an open socket that listens already")
    parser.add_argument("--address-file", type=Path, help="written with http://host:port once it answers")
    parser.add_argument(
        "--package", type=package, action="append", default=[], metavar="NAME=PATH", help="serve this, and no champion"
    )
    parser.add_argument("--link", action="store_true", help="print a link that signs its opener in: for a terminal")
    parser.add_argument(MEMBER, action="store_true", help="share the port with others")
    parser.add_argument("--tied", action="store_true", help="end with the process that holds our standard input")
    return parser.parse_args(arguments)


def _sound() -> Settings:
    """The settings of a home that can be served from; ends with one sentence where it cannot."""
    settings = Settings()
    try:
        settings.activate()
        secret_key(settings.home, Store(settings.database).needs_key)
    except (UnsoundHome, BrokenKey, NewerDatabase, DatabaseFault, OSError) as error:
        sys.exit(f"needloop: {explained(error, settings.home) or error}")
    return settings


def _together(settings: Settings, options: argparse.Namespace, listener: socket.socket) -> int:
    link = _link(settings, options, address(listener))
    if options.tied:
        Thread(target=_leave_with_parent, name="tied", daemon=True).start()
    if link:  # by this process alone: members would each tell it
        _tell(link)
    said = [f"--address-file={options.address_file}"] if options.address_file else []
    said += [f"--package={name}={folder}" for name, folder in options.package]
    try:
        return serve(settings.workers, said, listener, settings.home / "cache")
    except NoSharing as error:
        sys.exit(str(error))


def _listener(options: argparse.Namespace) -> socket.socket:
    """The socket that was handed over, or one of our own."""
    if options.fd is not None:
        return inherited(options.fd)
    try:
        return (sharing if options.member else listening)(options.host, options.port)
    except (OSError, OverflowError) as error:
        sys.exit(f"cannot listen at {options.host}:{options.port}: {error}; choose another --port or --host")


def _link(settings: Settings, options: argparse.Namespace, where: str) -> str | None:
    """Never among the options of a process, which everybody on the machine can list, and only where it is asked for."""
    if not options.link:
        return None
    try:
        return signin.link(settings.home, signin.reached(where))
    except OSError as error:
        print(f"there is no link to sign in: {error}", file=sys.stderr, flush=True)
        return None


def _tell(link: str) -> None:
    print(f"To sign in, open {link}", flush=True)


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
