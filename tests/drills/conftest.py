"""Drills use what the tests of flows use: a Prefect server, a small declared model, the command line; and a browser."""

from tests.drills.browsing import browser, console, opened
from tests.flows.conftest import declared, needloop, prefect_url

__all__ = ["browser", "console", "declared", "needloop", "opened", "prefect_url"]
