"""The options of the service's process, and its listening socket."""

import argparse
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from pipelines.serving.models.given_packages import package
from pipelines.serving.process.process_pool import MEMBER
from pipelines.web.listening import inherited_socket, listening_socket, shared_socket

DESCRIPTION = "`python -m pipelines.serving`: the service as a process."


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the process; the command line ends with a message for wrong ones."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.serving", description=DESCRIPTION)
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


def open_listener(options: argparse.Namespace) -> socket.socket:
    """The inherited socket, or a new one."""
    if options.fd is not None:
        return inherited_socket(options.fd)
    try:
        return (shared_socket if options.member else listening_socket)(options.host, options.port)
    except (OSError, OverflowError) as error:
        sys.exit(f"cannot listen at {options.host}:{options.port}: {error}; choose another --port or --host")
