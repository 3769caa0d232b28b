"""The service conforms to its OpenAPI description, in every check of schemathesis."""

import subprocess
import sys
from pathlib import Path

import pytest

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
RELATIONS = str(Path(__file__).with_name("schemathesis.toml"))


@pytest.mark.slow
def test_the_service_is_what_its_description_says(locked, tmp_path):
    service, keys = locked
    fuzzed(service, keys["admin"], tmp_path, "--max-examples", "4", "--seed", "1")


def fuzzed(service, secret, folder, *options):
    """Run schemathesis, and fail with its report."""
    address = f"{service.http.base_url}/openapi.json"
    command = [SCHEMATHESIS, "--config-file", RELATIONS, "run", address, "--checks", "all", "--no-color"]
    done = subprocess.run(
        [*command, "-H", f"Authorization: Bearer {secret}", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert '"status": 5' not in service.log.read_text()
