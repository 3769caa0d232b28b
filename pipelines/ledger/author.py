"""Who writes an entry, for its `by`."""

import getpass
import os
import socket


def actor(by: str) -> str:
    """Who asked for an entry and through whom; empty where nobody did."""
    return f"{by}, through {whoever()}" if by else ""


def service() -> str:
    """The service of this machine."""
    return f"service@{socket.gethostname()}"


def whoever() -> str:
    """The user of this process and its machine."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a container whose user has no name
        return f"{os.getuid()}@{socket.gethostname()}"
