"""Progress in lines, for those who read a file or a pipe: a step begins, goes on, and is done."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event, Thread

Say = Callable[[str], None]
EVERY_SECONDS = 10.0


def is_watched() -> bool:
    """Whether a person at a terminal sees standard error."""
    return sys.stderr.isatty()


def say(line: str) -> None:
    """One line on standard error."""
    print(line, file=sys.stderr, flush=True)


def step(what: str) -> AbstractContextManager[None]:
    """Within, the step is told in lines where no person watches a terminal; there it stays as quiet as it is."""
    return nullcontext() if is_watched() else timed(what, say)


@contextmanager
def timed(what: str, say: Say, every: float = EVERY_SECONDS, detail: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Say `what` begins, that it goes on every so many seconds with a `detail`, and when it is done."""
    began, done = time.monotonic(), Event()

    def seconds() -> str:
        return f"{time.monotonic() - began:.0f} s"

    def go_on() -> None:
        while not done.wait(every):
            say(", ".join(filter(None, (f"{what} ... {seconds()}", detail()))))

    say(f"{what} ...")
    thread = Thread(target=go_on, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    say(f"{what}: done in {seconds()}")
