"""Minutes of schemathesis, with other cases on each run."""

import time

import pytest

from tests.pipelines.serving.api.test_description import fuzzed
from tests.pipelines.serving.conftest import promote, running, write_package

SECONDS = 180


@pytest.mark.drill
@pytest.mark.timeout(SECONDS * 3)
def test_three_minutes_of_requests_find_nothing(tmp_path, capsys):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with running(tmp_path) as service:
        secret, begun = service.store.create_key("drill", ["admin"]), time.monotonic()
        fuzzed(service, secret, tmp_path, "--max-time", str(SECONDS), "--max-examples", "5000")
        asked = service.log.read_text().count('"message": "answered"')
        with capsys.disabled():
            print(f"\nfuzzing drill: {asked} requests in {time.monotonic() - begun:.0f} s, no failure")
