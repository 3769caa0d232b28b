import asyncio
import threading

import pytest

from pipelines.serving import service
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.workspace.settings import Settings


@pytest.mark.parametrize(("processes", "threads"), [(1, 6), (2, 3), (9, 1)])
def test_a_service_has_a_thread_for_each_core_it_may_keep_busy(tmp_path, monkeypatch, processes, threads):
    monkeypatch.setattr(service, "cores", lambda: 6)

    settings, before = Settings(home=tmp_path, workers=processes), set(threading.enumerate())

    async def work():
        with service.open_service(settings, settings.workspace, Metrics(), "127.0.0.1"):
            return sum(thread.name.startswith("worker-") for thread in set(threading.enumerate()) - before)

    assert asyncio.run(work()) == threads
