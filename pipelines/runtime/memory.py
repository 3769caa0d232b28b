"""Memory that this process no longer uses is returned to the system."""

import ctypes
from contextlib import suppress


def return_unused_memory() -> None:
    """Return what the C library and Arrow keep for later; a step that needs much memory comes after one that did."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL("libc.so.6").malloc_trim(0)
