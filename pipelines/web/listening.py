"""Listening sockets, new before their server starts, on ports that only processes of this user can share.

The parent process opens the socket and passes it to the server, so no other process can take the port in between.
Linux lets the sockets of one user share a port (SO_REUSEPORT), and refuses it to every other user.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
CAN_SHARE_PORTS = sys.platform == "linux"


def listening_socket(host: str = LOOPBACK, port: int = 0) -> socket.socket:
    """A listening socket; port 0 is any free port. Raises OSError if another socket has the port."""
    with _new_socket(host, reuse=True) as new:
        new.bind((host, port))
        # Not before `bind`: a sharing socket would be accepted beside another server of this user.
        _share(new)
        new.listen(BACKLOG)
    return new


def reserve_port(host: str, port: int, listened: bool = False) -> socket.socket:
    """Reserve a port for this user with a socket that does not listen: without a server it refuses connections.

    `listened`: a socket of ours listens on it, so a recently closed port can be reserved as well.
    Raises OSError if a process of another user, or one that does not share, has the port.
    """
    with _new_socket(host, reuse=listened) as new:
        _share(new)
        new.bind((host, port))
        # Else another user's socket with SO_REUSEADDR could take the port while no socket listens.
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return new


def shared_socket(host: str, port: int) -> socket.socket:
    """A socket of one of several processes on a reserved port; once it listens it gets its share of connections."""
    with _new_socket(host, reuse=True) as new:
        _share(new)
        new.bind((host, port))
    return new


def inherited_socket(descriptor: int) -> socket.socket:
    """The socket inherited from the parent process; child processes do not inherit it."""
    listener = socket.socket(fileno=descriptor)
    listener.set_inheritable(False)
    return listener


def host_and_port(listener: socket.socket) -> tuple[str, int]:
    """Host, as an IP address, and port of a socket."""
    host, port = listener.getsockname()[:2]
    return str(host), int(port)


def socket_url(listener: socket.socket) -> str:
    """The URL of a listening socket: `http://host:port`."""
    host, port = host_and_port(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _new_socket(host: str, reuse: bool) -> Iterator[socket.socket]:
    """Context of a new socket, which is closed on an error."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    new = socket.socket(family)
    try:
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        if family == socket.AF_INET6:
            new.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Inherited by connections. Without it the end of every response waits 40 ms for the client's acknowledgement:
        # asyncio sets it only on sockets that name their protocol, and these do not.
        new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield new
    except BaseException:
        new.close()
        raise


def _share(new: socket.socket) -> None:
    if CAN_SHARE_PORTS:
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
