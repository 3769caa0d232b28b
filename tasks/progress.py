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

from pipelines.runtime.progress import EVERY_SECONDS, is_terminal, print_line, step, timed_step

if TYPE_CHECKING:  # it imports torch
    from pipelines.training.optimisation.training_loop import ProgressCallback

log = logging.getLogger(__name__)

PARTS = 10
Params = ParamSpec("Params")
Value = TypeVar("Value")


def progress_display(title: str, every: float = EVERY_SECONDS) -> "AbstractContextManager[ProgressCallback]":
    """Show loss and validation score of a running training: a bar at a terminal, else lines on stderr."""
    return _bar(title) if is_terminal() else _lines(title, every)


@contextmanager
def _bar(title: str) -> "Iterator[ProgressCallback]":
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[seen]}"), console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None, seen="computing frozen layers and a first head ...")
        score = "–"

        def watch(step: int, steps: int, loss: float, validation: float | None) -> None:
            nonlocal score
            score = score if validation is None else f"{validation:.3f}"
            bars.update(bar, completed=step, total=steps, seen=f"loss {loss:.3f}  validation F1 {score}")

        yield watch


@contextmanager
def _lines(title: str, every: float) -> "Iterator[ProgressCallback]":
    seen = "", ""

    def watch(step: int, steps: int, loss: float, validation: float | None) -> None:
        nonlocal seen
        score = seen[1] if validation is None else f"validation F1 {validation:.3f}"
        seen = f"step {step} of {steps}, loss {loss:.3f}", score

    with timed_step(title, print_line, every, lambda: ", ".join(filter(None, seen))):
        yield watch


def with_progress_lines(function: Callable[Params, Value]) -> Callable[Params, Value]:
    """Decorate the body of a task: print lines about its start, duration and end if stderr is no terminal."""

    @wraps(function)
    def run(*args: Params.args, **kwargs: Params.kwargs) -> Value:
        with step(_task_title()):
            return function(*args, **kwargs)

    return run


def _task_title() -> str:
    """The name of the running task, and its model if the flow has one."""
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    model = flow.parameters.get("model") if flow and flow.parameters else None
    return " ".join(filter(None, (str(task.task.task_run_name) if task else "", model))) or "a step"


@contextmanager
def prefect_progress(model: str, watch: "ProgressCallback", figure: str) -> "Iterator[ProgressCallback]":
    """Also report to Prefect: a log line and a progress artifact at every validation and every tenth of the steps.

    `figure` is the name of the score for people.
    """
    about = f"Training of {model}"
    artifact = cast(UUID, create_progress_artifact(0.0, key=f"training-{model}", description=about))
    part = 0

    def report(step: int, steps: int, loss: float, score: float | None) -> None:
        nonlocal part
        watch(step, steps, loss, score)
        if score is None and PARTS * step // steps == part:
            return
        part = PARTS * step // steps
        status = f"step {step} of {steps}, loss {loss:.3f}"
        status += "" if score is None else f", validation {figure} {score:.3f}"
        log.info("%s: %s", model, status)
        _update_artifact(artifact, 100 * step / steps, f"{about}: {status}")

    yield report
    _update_artifact(artifact, 100.0)


def _update_artifact(artifact: UUID, percent: float, description: str | None = None) -> None:
    """Update the progress artifact; a failure is logged and does not end the training."""
    try:
        update_progress_artifact(artifact, percent, description)
    except httpx.HTTPError as error:
        log.warning("the progress artifact in Prefect was not updated: %s", error)
