"""A process that sleeps, and the folder of a home in which processes leave their records."""

import sys

import pytest

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def logs(settings):
    folder = settings.home / "logs"
    folder.mkdir(parents=True)
    return folder
