"""Progress lines about servers that start or stop, with the seconds that each took."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from pipelines.runtime.progress import WriteLine, timed_step

Value = TypeVar("Value")


@contextmanager
def with_progress(part: str, service: AbstractContextManager[Value], say: WriteLine) -> Iterator[Value]:
    """Run `service` in this context; print a line for its start and its stop, with the seconds of each."""
    with ExitStack() as stack:
        with timed_step(f"starting {part}", say):
            value = stack.enter_context(service)
        try:
            yield value
        finally:
            with timed_step(f"stopping {part}", say):
                stack.close()
