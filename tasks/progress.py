"""Live progress of long steps, for the person at the terminal; silent where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.training.loop import Watch


@contextmanager
def watched(title: str) -> Iterator[Watch]:
    """A bar on stderr with the loss and the validation score of the step that is running."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[seen]}"), console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None, seen="kept layers and a first head ...")
        score = "–"

        def watch(step: int, steps: int, loss: float, found: float | None) -> None:
            nonlocal score
            score = score if found is None else f"{found:.3f}"
            bars.update(bar, completed=step, total=steps, seen=f"loss {loss:.3f}  validation F1 {score}")

        yield watch
