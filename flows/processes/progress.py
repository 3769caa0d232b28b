"""Lines about servers that start or stop: which one, that it is still under way, and how long it took."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from pipelines.runtime.progress import Say, timed

Value = TypeVar("Value")


@contextmanager
def announced(part: str, service: AbstractContextManager[Value], say: Say) -> Iterator[Value]:
    """`service`, with a line for its start and for its stop, and how many seconds each took."""
    with ExitStack() as stack:
        with timed(f"starting {part}", say):
            value = stack.enter_context(service)
        try:
            yield value
        finally:
            with timed(f"stopping {part}", say):
                stack.close()
