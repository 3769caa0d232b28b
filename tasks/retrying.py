"""What is worth trying again: the network and the disk, never the data or the code."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun

_FINAL = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)


def is_transient(_task: Any, _run: TaskRun, state: State) -> bool:
    """Whether the failure may pass by itself."""
    error = state.result(raise_on_failure=False)
    return state.is_crashed() or (isinstance(error, OSError) and not isinstance(error, _FINAL))
