"""Drills use the fixtures of the flow tests (Prefect server, small declared model, command line) and a browser."""

from tests.drills.browsing import browser, console, opened
from tests.flows.conftest import (
    declared,
    forker,
    migrated,
    needloop,
    new_mlflow,
    new_prefect,
    prefect_home,
    prefect_url,
)

__all__ = [
    "browser",
    "console",
    "declared",
    "forker",
    "migrated",
    "needloop",
    "new_mlflow",
    "new_prefect",
    "opened",
    "prefect_home",
    "prefect_url",
]
