"""The console starts commands for a person's decisions, and the ledger records the result."""

import os
import time

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.store.store import Store
from tests.pipelines.serving.conftest import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def ended(service, seconds=120):
    """The last background command, after its end."""
    deadline = time.monotonic() + seconds
    while (task := service.http.get("/v1/work").json()["tasks"][0])["code"] is None:
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.2)
    return task


def test_going_back_in_the_console_makes_the_champion_before_the_champion_again(decided, prefect_url):
    settings = decided("promote", "promote")
    secret = Store(settings.database).create_key("admin", ["admin"])
    shown = os.environ["PREFECT_API_AUTH_STRING"]
    with running(settings.home, PREFECT_API_URL=prefect_url, PREFECT_API_AUTH_STRING=shown) as service:
        service.http.headers["Authorization"] = f"Bearer {secret}"
        back = {"champion": 2, "reason": "it insults jane@example.com"}
        assert service.http.post("/v1/models/topics/rollback", json=back).status_code == 202
        assert service.http.post("/v1/models/topics/rollback", json=back).status_code == 409
        task = ended(service)
        assert (task["what"], task["code"], task["said"]) == ("rollback", 0, "")
        history = service.http.get("/v1/models/topics/history").json()
    assert history["champion"] == 1
    assert history["entries"][0]["by"].startswith("admin, through ")
    assert history["entries"][0]["reasons"] == ["back from version 2: it insults <EMAIL>"]
    assert Ledger(settings.files.ledger).champion("topics").version == 1
