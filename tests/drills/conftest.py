"""Drills use the fixtures of the flow tests (Prefect server, small declared model, command line) and a browser."""

from tests.drills.browsing import browser, console, open_page
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
    "open_page",
    "prefect_home",
    "prefect_url",
]
