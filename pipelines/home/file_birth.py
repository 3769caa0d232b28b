"""Birth time of a file, from its file system; a copy cannot take it over."""

import ctypes
import os
import sys
from pathlib import Path

# statx(2): the mask that requests the birth time, and the positions of the result, the same on every architecture.
CURRENT_FOLDER, BIRTH, SIZE = -100, 0x800, 256
MASK, SECONDS, NANOSECONDS = slice(0, 4), slice(80, 88), slice(88, 92)


def birth_time(file: Path) -> int:
    """The birth time in nanoseconds since 1970; 0 if the file does not exist.

    On a file system without birth times (NFS 3), or a system without statx, it is the time of the last change: chmod
    and chown change that as well, and a copy cannot take it over either.
    """
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0
    return _statx_birth(file) or status.st_ctime_ns


def _statx_birth(file: Path) -> int:
    """The birth time by statx; 0 if unknown."""
    statx = getattr(ctypes.CDLL(None), "statx", None)
    buffer = ctypes.create_string_buffer(SIZE)
    if statx is None or statx(CURRENT_FOLDER, os.fsencode(file), 0, BIRTH, buffer) or not _number(buffer, MASK) & BIRTH:
        return 0
    return _number(buffer, SECONDS) * 1_000_000_000 + _number(buffer, NANOSECONDS)


def _number(buffer: "ctypes.Array[ctypes.c_char]", position: slice) -> int:
    return int.from_bytes(buffer.raw[position], sys.byteorder)
