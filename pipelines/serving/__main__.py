"""`python -m pipelines.serving`: the service as a process."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from threading import Thread

import uvicorn

from pipelines.home.faults import DatabaseFault, explain_fault
from pipelines.home.soundness import UnsoundHome
from pipelines.masking.identity import BrokenKey, secret_key
from pipelines.serving.process.options import open_listener, parse_options
from pipelines.serving.process.process_pool import PortSharingError, serve
from pipelines.serving.process.server import Server, print_link
from pipelines.serving.process.server_protocol import ServerProtocol
from pipelines.serving.telemetry.logs import configure
from pipelines.store import signin
from pipelines.store.schema import NewerDatabase
from pipelines.store.store import Store
from pipelines.web.listening import socket_url
from pipelines.workspace.settings import Settings

GRACE_SECONDS = 1
# Most connections, idle ones included: below the usual limit of 1,024 open files.
MAX_CONNECTIONS = 800
# Longer than the 5 s for which httpx and others keep a connection: the client must close first.
KEEP_ALIVE_SECONDS = 15
# Switch interval of Python threads: with the default of 5 ms the event loop waits up to 0.1 s for worker threads.
SWITCH_SECONDS = 0.001


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = parse_options(arguments)
    configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = _checked_settings()
    if options.address_file and not options.member:
        options.address_file.unlink(missing_ok=True)
    listener = open_listener(options)
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
        print_link(link)
    arguments = [f"--address-file={options.address_file}"] if options.address_file else []
    arguments += [f"--package={name}={folder}" for name, folder in options.package]
    try:
        return serve(settings.workers, arguments, listener, settings.home / "cache")
    except PortSharingError as error:
        sys.exit(str(error))


def _sign_in_link(settings: Settings, options: argparse.Namespace, url: str) -> str | None:
    """The sign-in link with --link, else None. It is never a command-line argument, which other users could list."""
    if not options.link:
        return None
    try:
        return signin.link(settings.home, signin.reachable_address(url))
    except OSError as error:
        print(f"the sign-in link cannot be created: {error}", file=sys.stderr, flush=True)
        return None


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
