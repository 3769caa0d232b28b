"""Four commands from a stranger's CSV to an answer, with the real encoder."""

import json
import subprocess

import httpx
import pytest

from flows.services import free_port, healthy
from tests.conftest import small_rows
from tests.flows.conftest import NEEDLOOP, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_add_train_serve_and_ask(needloop, settings, tmp_path, prefect_url):
    file = tmp_path / "FILE.csv"
    rows = [f'"{text}",{label}' for text, label in small_rows(300)]
    file.write_text("\n".join(["utterance,intent", *rows]) + "\n", encoding="utf-8")

    needloop("add", "topics", "--data", str(file), "--text", "utterance", "--label", "intent")
    assert settings.catalog_file.exists()
    needloop("train", "topics")
    port = free_port()
    with subprocess.Popen([*NEEDLOOP, "serve", "--port", str(port)], env=environment(settings)) as server:
        url = f"http://127.0.0.1:{port}"
        healthy(server, f"{url}/readyz", tmp_path / "serve.log", 60)
        asked = httpx.post(f"{url}/v1/models/topics/predict", json={"texts": ["my suitcase is lost, please help"]})
        by_command = json.loads(needloop("predict", "topics", "thank you so much", "--url", url, "--json").stdout)
        kept = needloop("feedback", by_command["predictions"][0]["id"], "--correct", "--url", url)
        server.terminate()
    assert asked.json()["predictions"][0]["label"] == "baggage"
    assert by_command["predictions"][0]["label"] == "praise"
    assert "kept" in kept.stdout
    (row,) = [row for row in json.loads(needloop("models", "--json").stdout) if row["model"] == "topics"]
    assert row["champion"] == 1
    taken = needloop("add", "topics", "--data", str(file), "--text", "utterance", "--label", "intent", status=1)
    assert "already declared" in taken.stderr
