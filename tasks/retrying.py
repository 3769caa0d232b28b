"""The condition for retries: errors of network and disk, never of data or code."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun

_FINAL = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)


def is_transient(_task: Any, _run: TaskRun, state: State) -> bool:
    """True if a task failed for a transient cause: a crash, or an OSError of network or disk."""
    error = state.result(raise_on_failure=False)
    return state.is_crashed() or (isinstance(error, OSError) and not isinstance(error, _FINAL))
