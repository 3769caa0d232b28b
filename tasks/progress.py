"""Live progress of long steps: a bar or lines on standard error, log lines and an artifact in Prefect."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext, TaskRunContext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.runtime.progress import EVERY_SECONDS, is_watched, say, step, timed

if TYPE_CHECKING:  # it brings the networks
    from pipelines.training.optimisation.training_loop import Watch

log = logging.getLogger(__name__)

PARTS = 10
Given = ParamSpec("Given")
Value = TypeVar("Value")


def watched(title: str, every: float = EVERY_SECONDS) -> "AbstractContextManager[Watch]":
    """The loss and the validation score of the step that is running: a bar at a terminal, else lines on stderr."""
    return _bar(title) if is_watched() else _lines(title, every)


@contextmanager
def _bar(title: str) -> "Iterator[Watch]":
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[seen]}"), console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None, seen="kept layers and a first head ...")
        score = "–"

        def watch(step: int, steps: int, loss: float, found: float | None) -> None:
            nonlocal score
            score = score if found is None else f"{found:.3f}"
            bars.update(bar, completed=step, total=steps, seen=f"loss {loss:.3f}  validation F1 {score}")

        yield watch


@contextmanager
def _lines(title: str, every: float) -> "Iterator[Watch]":
    seen = "", ""

    def watch(step: int, steps: int, loss: float, found: float | None) -> None:
        nonlocal seen
        score = seen[1] if found is None else f"validation F1 {found:.3f}"
        seen = f"step {step} of {steps}, loss {loss:.3f}", score

    with timed(title, say, every, lambda: ", ".join(filter(None, seen))):
        yield watch


def spoken(function: Callable[Given, Value]) -> Callable[Given, Value]:
    """The body of a task whose start, duration and end are told in lines where nobody watches a terminal."""

    @wraps(function)
    def told(*args: Given.args, **kwargs: Given.kwargs) -> Value:
        with step(_running()):
            return function(*args, **kwargs)

    return told


def _running() -> str:
    """The task that runs now, and its model where the flow is about one."""
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    model = flow.parameters.get("model") if flow and flow.parameters else None
    return " ".join(filter(None, (str(task.task.task_run_name) if task else "", model))) or "a step"


@contextmanager
def reported(model: str, watch: "Watch", figure: str) -> "Iterator[Watch]":
    """Within, Prefect is told too: a log line and a progress artifact, at every validation and tenth of the steps.

    `figure` is what people call the score.
    """
    about = f"Training of {model}"
    artifact = cast(UUID, create_progress_artifact(0.0, key=f"training-{model}", description=about))
    part = 0

    def both(step: int, steps: int, loss: float, score: float | None) -> None:
        nonlocal part
        watch(step, steps, loss, score)
        if score is None and PARTS * step // steps == part:
            return
        part = PARTS * step // steps
        seen = f"step {step} of {steps}, loss {loss:.3f}"
        seen += "" if score is None else f", validation {figure} {score:.3f}"
        log.info("%s: %s", model, seen)
        _moved(artifact, 100 * step / steps, f"{about}: {seen}")

    yield both
    _moved(artifact, 100.0)


def _moved(artifact: UUID, percent: float, description: str | None = None) -> None:
    """A training of hours does not end because nobody could be told how far it is."""
    try:
        update_progress_artifact(artifact, percent, description)
    except httpx.HTTPError as error:
        log.warning("Prefect was not told about the progress: %s", error)
