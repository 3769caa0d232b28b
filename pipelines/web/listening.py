"""Sockets that listen before their server runs, at ports that only processes of this user may share.

Whoever starts a server opens its socket and hands it over: between choosing a port and answering there, nobody else can
listen at it. Linux lets the sockets of one user share a port (SO_REUSEPORT), and refuses it to every other user.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
SHARING = sys.platform == "linux"


def listening(host: str = LOOPBACK, port: int = 0) -> socket.socket:
    """A socket that listens, at any free port where `port` is 0. Raises OSError where another socket has the port."""
    with _opened(host, reuse=True) as opened:
        opened.bind((host, port))
        # Not before: a socket that may share would be let in beside another server of this user.
        _share(opened)
        opened.listen(BACKLOG)
    return opened


def reserve_port(host: str, port: int, listened: bool = False) -> socket.socket:
    """Reserve a port for this user by a socket that does not listen: without a server the port refuses connections.

    `listened` says that a socket of ours listens there: then a port that was left a moment ago can be kept, too.
    Raises OSError where a process of another user has the port, or one that does not share.
    """
    with _opened(host, reuse=listened) as opened:
        _share(opened)
        opened.bind((host, port))
        # Else strangers who reuse addresses, too, may have the port while nobody listens.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return opened


def sharing(host: str, port: int) -> socket.socket:
    """A socket of one of several processes at a port that is kept; once it listens it gets its part of connections."""
    with _opened(host, reuse=True) as opened:
        _share(opened)
        opened.bind((host, port))
    return opened


def inherited(descriptor: int) -> socket.socket:
    """The socket that the process which started this one handed over; children of this one do not get it."""
    listener = socket.socket(fileno=descriptor)
    listener.set_inheritable(False)
    return listener


def place(listener: socket.socket) -> tuple[str, int]:
    """Where it listens: host, as a number, and port."""
    host, port = listener.getsockname()[:2]
    return str(host), int(port)


def address(listener: socket.socket) -> str:
    """The URL of the server behind a socket: `http://host:port`."""
    host, port = place(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _opened(host: str, reuse: bool) -> Iterator[socket.socket]:
    """A new socket, closed where what is done with it fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Connections inherit it. Without it the end of every answer waits 40 ms for the client's acknowledgement,
        # because asyncio sets it only on sockets that name their protocol, and these do not.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield opened
    except BaseException:
        opened.close()
        raise


def _share(opened: socket.socket) -> None:
    if SHARING:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
