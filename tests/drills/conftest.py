"""Drills use what the tests of flows use: a real Prefect server, a small declared model, the command line."""

from tests.flows.conftest import declared, needloop, prefect_url

__all__ = ["declared", "needloop", "prefect_url"]
