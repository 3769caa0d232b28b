"""Progress of a step as lines of text, if standard error is a file or a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event, Thread

WriteLine = Callable[[str], None]
EVERY_SECONDS = 10.0
FIRST_SECONDS = 2.0  # a shorter step needs no progress


def is_terminal() -> bool:
    """True if standard error is a terminal."""
    return sys.stderr.isatty()


def print_line(line: str) -> None:
    """Print a line to standard error."""
    print(line, file=sys.stderr, flush=True)


def step(name: str) -> AbstractContextManager[None]:
    """Print the progress of a step as lines, unless standard error is a terminal."""
    return nullcontext() if is_terminal() else timed_step(name, print_line)


@contextmanager
def timed_step(
    name: str, output: WriteLine, every: float = EVERY_SECONDS, detail: Callable[[], str] = lambda: ""
) -> Iterator[None]:
    """Print a line at the start of a step, one with a `detail` after `every` seconds each, and one at its end."""
    started_at, done = time.monotonic(), Event()

    def seconds() -> str:
        return f"{time.monotonic() - started_at:.0f} s"

    def repeat() -> None:
        while not done.wait(every):
            output(", ".join(filter(None, (f"{name} ... {seconds()}", detail()))))

    output(f"{name} ...")
    thread = Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    output(f"{name}: done in {seconds()}")


@contextmanager
def late_progress(
    detail: Callable[[], str],
    output: WriteLine = print_line,
    first: float = FIRST_SECONDS,
    every: float = EVERY_SECONDS,
) -> Iterator[None]:
    """Print a line with a `detail` once a step has lasted `first` seconds, and then after `every` seconds each."""
    started_at, done = time.monotonic(), Event()

    def repeat() -> None:
        seconds = first
        while not done.wait(seconds):
            output(f"{detail()}, {time.monotonic() - started_at:.0f} s")
            seconds = every

    thread = Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
