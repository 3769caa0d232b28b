"""The holder of a lease: its host, its process and its clock."""

import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import Connection, Row, text


def clock_seconds(connection: Connection) -> float:
    """Seconds of the one clock of all holders: the database server's, or for SQLite this host's."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def this_process() -> dict[str, object]:
    """The columns of a lease that name this process and its host."""
    started = _started(psutil.Process())
    return {"host": host_identity(), "pid": os.getpid(), "started": started, "since": datetime.now(UTC)}


def host_identity() -> str:
    """The name of this host, or of this container."""
    # Containers of one pod share a host name but not their process numbers.
    namespace = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()} {namespace.readlink()}" if namespace.is_symlink() else socket.gethostname()


def _started(process: psutil.Process) -> float:
    # Since boot: both values jump when the clock is set, their difference does not.
    return float(process.create_time() - psutil.boot_time())


def has_ended(holder: Row[tuple[object, ...]]) -> bool:
    """True if the holder was a process of this host that no longer runs."""
    if holder.host != host_identity():
        return False
    try:
        process = psutil.Process(holder.pid)
        # Process ids are reused: another start time is another process.
        return bool(process.status() == psutil.STATUS_ZOMBIE or abs(_started(process) - holder.started) > 1)
    except psutil.NoSuchProcess:
        return True
