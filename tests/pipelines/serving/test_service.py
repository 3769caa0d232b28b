import asyncio

import pytest

from pipelines.runtime.settings import Settings
from pipelines.serving import service
from pipelines.serving.telemetry.metrics import Metrics


@pytest.mark.parametrize(("processes", "threads"), [(1, 6), (2, 3), (9, 1)])
def test_a_service_has_a_thread_for_each_core_it_may_keep_busy(tmp_path, monkeypatch, processes, threads):
    monkeypatch.setattr(service, "cores", lambda: 6)

    settings = Settings(home=tmp_path, workers=processes)

    async def work():
        with service.opened(settings, settings.workspace, Metrics(), "127.0.0.1") as found:
            return len(found.workers._threads)

    assert asyncio.run(work()) == threads
