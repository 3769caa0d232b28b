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

from pipelines.home.faults import DatabaseFault, explain_fault
from pipelines.home.soundness import UnsoundHome
from pipelines.masking.identity import BrokenKey, secret_key
from pipelines.serving.models.given_packages import package
from pipelines.serving.process.process_pool import MEMBER, PortSharingError, serve
from pipelines.serving.process.server_protocol import ServerProtocol
from pipelines.serving.telemetry.logs import configure
from pipelines.store import signin
from pipelines.store.schema import NewerDatabase
from pipelines.store.store import Store
from pipelines.web.listening import inherited_socket, listening_socket, shared_socket, socket_url
from pipelines.workspace.settings import Settings

GRACE_SECONDS = 1
# Most connections, idle ones included: below the usual limit of 1,024 open files.
MAX_CONNECTIONS = 800
# Longer than the 5 s for which httpx and others keep a connection: the client must close first.
KEEP_ALIVE_SECONDS = 15
# Switch interval of Python threads: with the default of 5 ms the event loop waits up to 0.1 s for worker threads.
SWITCH_SECONDS = 0.001


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
            _print_link(self._link)
        if self._file:
            draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            draft.write_text(self._address, encoding="utf-8")
            draft.replace(self._file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _options(arguments)
    configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = _checked_settings()
    if options.address_file and not options.member:
        options.address_file.unlink(missing_ok=True)
    listener = _listener(options)
    if settings.workers > 1 and not options.member:
        sys.exit(_serve_pool(settings, options, listener))
    from pipelines.serving.application import app  # here: takes 1 s, which the parent of worker processes is spared

    config = uvicorn.Config(
        app(settings, options.host, dict(options.package)),
        loop="uvloop",
        http=ServerProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # X-Forwarded-For may contain anything that the client wrote.
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    _exit_on_second_signal()
    if options.tied:
        Thread(target=_exit_with_parent, name="tied", daemon=True).start()
    url = socket_url(listener)
    page = "" if options.package else "/, the console"
    Server(config, url, page, options.address_file, _sign_in_link(settings, options, url)).run(sockets=[listener])


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipelines.serving", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="TCP port; 0: any free port")
    parser.add_argument("--fd", type=int, help="file descriptor of a listening socket, instead of --host and --port")
    parser.add_argument(
        "--address-file", type=Path, help="file that gets http://host:port once the service accepts requests"
    )
    parser.add_argument(
        "--package",
        type=package,
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="serve this package instead of the champions; may be repeated",
    )
    parser.add_argument("--link", action="store_true", help="print a sign-in link for the console; for terminals only")
    parser.add_argument(MEMBER, action="store_true", help="share the port with other worker processes")
    parser.add_argument(
        "--tied", action="store_true", help="end when the process at the other end of standard input ends"
    )
    return parser.parse_args(arguments)


def _checked_settings() -> Settings:
    """The settings of a usable home; exits with one sentence otherwise."""
    settings = Settings()
    try:
        settings.activate()
        secret_key(settings.home, Store(settings.database).needs_key)
    except (UnsoundHome, BrokenKey, NewerDatabase, DatabaseFault, OSError) as error:
        sys.exit(f"needloop: {explain_fault(error, settings.home) or error}")
    return settings


def _serve_pool(settings: Settings, options: argparse.Namespace, listener: socket.socket) -> int:
    link = _sign_in_link(settings, options, socket_url(listener))
    if options.tied:
        Thread(target=_exit_with_parent, name="tied", daemon=True).start()
    if link:  # printed once, not by each worker process
        _print_link(link)
    arguments = [f"--address-file={options.address_file}"] if options.address_file else []
    arguments += [f"--package={name}={folder}" for name, folder in options.package]
    try:
        return serve(settings.workers, arguments, listener, settings.home / "cache")
    except PortSharingError as error:
        sys.exit(str(error))


def _listener(options: argparse.Namespace) -> socket.socket:
    """The inherited socket, or a new one."""
    if options.fd is not None:
        return inherited_socket(options.fd)
    try:
        return (shared_socket if options.member else listening_socket)(options.host, options.port)
    except (OSError, OverflowError) as error:
        sys.exit(f"cannot listen at {options.host}:{options.port}: {error}; choose another --port or --host")


def _sign_in_link(settings: Settings, options: argparse.Namespace, url: str) -> str | None:
    """The sign-in link with --link, else None. It is never a command-line argument, which other users could list."""
    if not options.link:
        return None
    try:
        return signin.link(settings.home, signin.reachable_address(url))
    except OSError as error:
        print(f"the sign-in link cannot be created: {error}", file=sys.stderr, flush=True)
        return None


def _print_link(link: str) -> None:
    print(f"To sign in, open {link}", flush=True)


def _exit_on_second_signal() -> None:
    # After closing, Uvicorn raises the signal again. At most an abandoned computation still runs then, and a normal
    # exit would wait for its thread.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _exit_with_parent() -> None:
    """Exit when standard input is closed, as by a parent that was killed."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
