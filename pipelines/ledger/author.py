"""Authors of ledger entries, for the field `by`."""

import getpass
import os
import socket


def actor(by: str) -> str:
    """The requester of an entry and the user that writes it; empty without a requester."""
    return f"{by}, through {current_user()}" if by else ""


def service_actor() -> str:
    """The author name of the service on this machine."""
    return f"service@{socket.gethostname()}"


def current_user() -> str:
    """The user of this process, with its machine."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # the user of a container may have no name
        return f"{os.getuid()}@{socket.gethostname()}"
