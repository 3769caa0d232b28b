"""When a file was made, as its file system knows it: no copy can take that time over, whatever else it takes."""

import ctypes
import os
import sys
from pathlib import Path

# statx(2): the mask that asks for the birth time, and where the kernel writes it, the same on every architecture.
HERE, BIRTH, SIZE = -100, 0x800, 256
MASK, SECONDS, NANOSECONDS = slice(0, 4), slice(80, 88), slice(88, 92)


def born(file: Path) -> int:
    """Nanoseconds since 1970; 0 for no file.

    On a file system that keeps no such time (NFS 3), or a system without statx, when the file was last changed: chmod
    and chown change that as well, and a copy cannot take it over either.
    """
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0
    return _birth(file) or status.st_ctime_ns


def _birth(file: Path) -> int:
    """0 where nobody can tell."""
    statx = getattr(ctypes.CDLL(None), "statx", None)
    buffer = ctypes.create_string_buffer(SIZE)
    if statx is None or statx(HERE, os.fsencode(file), 0, BIRTH, buffer) or not _number(buffer, MASK) & BIRTH:
        return 0
    return _number(buffer, SECONDS) * 1_000_000_000 + _number(buffer, NANOSECONDS)


def _number(buffer: "ctypes.Array[ctypes.c_char]", place: slice) -> int:
    return int.from_bytes(buffer.raw[place], sys.byteorder)
