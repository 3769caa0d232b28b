"""Promote a good model, force a bad one, roll back, under a service that answers all the while; then tamper."""

import json
import threading
import time
from pathlib import Path

import httpx
import pytest
from mlflow import MlflowClient

from flows.processes.services import api
from pipelines.ledger.events import override_reason
from pipelines.ledger.ledger import Ledger
from tests.conftest import small_rows
from tests.flows.declarations import write_catalog

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
TEXTS = [text for text, _ in small_rows(60, seed=9)]
PATIENCE = 60


@pytest.fixture
def drilled(declared, settings, needloop, monkeypatch):
    """A home with champion version 1 and refused version 2, which was trained for no epoch; and its service."""
    monkeypatch.setenv("NEEDLOOP_DEADLINE", "0")  # a refusal on a busy machine is no failure of the rollback
    needloop("train", "topics")
    gate = declared.gate.model_copy(update={"min_macro_f1": 0.999})
    recipe = declared.recipe.model_copy(update={"epochs": 0, "seed": 8})
    write_catalog(declared.model_copy(update={"recipe": recipe, "gate": gate}), settings)
    needloop("train", "topics", status=3)
    with api(settings) as url:
        yield url


def answers(url):
    """The version, and the bytes of all answers without their ids."""
    answer = httpx.post(f"{url}/v1/models/topics/predict", json={"texts": TEXTS}, timeout=30).raise_for_status().json()
    said = [{name: value for name, value in one.items() if name != "id"} for one in answer["predictions"]]
    return answer["version"], json.dumps(said).encode()


def until_served(url, version):
    """The answers of that version and the seconds until the service gives them."""
    started = time.monotonic()
    while (found := answers(url))[0] != version:
        assert time.monotonic() - started < PATIENCE, f"version {version} is not served after {PATIENCE} s"
        time.sleep(0.05)
    return found[1], time.monotonic() - started


class Load(threading.Thread):
    """Predicts without a pause until it is stopped; `failures` are the answers without success."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.asked, self.failures, self.stopped = url, 0, [], threading.Event()

    def run(self):
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self.stopped.is_set():
                try:
                    status = client.post("/v1/models/topics/predict", json={"texts": TEXTS[:4]}).status_code
                except httpx.HTTPError as error:
                    status = repr(error)
                self.asked += 1
                if status != 200:
                    self.failures.append(status)


def test_the_way_back_gives_the_old_answers_byte_for_byte(drilled, settings, needloop, capsys):
    good, _ = until_served(drilled, 1)
    load = Load(drilled)
    load.start()
    needloop("promote", "topics", "--version", "2", "--override", "a drill")
    bad, forward = until_served(drilled, 2)
    assert bad != good
    started = time.monotonic()
    said = json.loads(needloop("rollback", "topics", "--reason", "the drill is over", "--json").stdout)
    again, taken_up = until_served(drilled, 1)
    whole = time.monotonic() - started
    load.stopped.set()
    load.join()
    assert again == good
    assert load.failures == []
    assert load.asked > 50
    assert needloop("audit", "--url", drilled).returncode == 0
    events = [
        (entry.event.tag, entry.version, override_reason(entry.event))
        for entry in Ledger(settings.files.ledger).entries()
    ]
    assert events[-2:] == [("promote", 2, "a drill"), ("rollback", 1, "")]
    with capsys.disabled():
        print(f"\nway back: {said['seconds']} s to decide, {taken_up:.1f} s more until served, {whole:.1f} s in all;")
        print(f"way there: {forward:.1f} s until served; {load.asked} requests meanwhile, none failed")


def moved_alias(settings):
    client = MlflowClient(settings.tracking_uri)
    client.set_registered_model_alias("topics", "champion", "2")
    return (
        "MLflow's champion is 2, the ledger's is 1",
        lambda: client.set_registered_model_alias("topics", "champion", "1"),
    )


def edited_byte(settings):
    said = settings.files.ledger.read_bytes()
    settings.files.ledger.write_bytes(said.replace(b'"event": "refuse"', b'"event": "promote"'))
    return "was altered", lambda: settings.files.ledger.write_bytes(said)


def lost_entry(settings):
    said = settings.files.ledger.read_bytes()
    settings.files.ledger.write_bytes(b"".join(said.splitlines(keepends=True)[:-1]))
    return "has lost entries", lambda: settings.files.ledger.write_bytes(said)


def lost_input(settings):
    file = Path(next(uri for uri in Ledger(settings.files.ledger).champion("topics").files if uri.endswith(".json")))
    said = file.read_bytes()
    file.unlink()
    return f"{file} is gone", lambda: file.write_bytes(said)


def test_whoever_goes_around_the_gate_changes_no_answer_and_is_named(drilled, settings, needloop):
    good, _ = until_served(drilled, 1)
    for tampering in (moved_alias, edited_byte, lost_entry, lost_input):
        said, undo = tampering(settings)
        time.sleep(3)  # the service reads the ledger every second
        assert answers(drilled) == (1, good), tampering.__name__
        done = needloop("audit", "--url", drilled, "--json", status=1)
        assert any(said in difference for difference in json.loads(done.stdout)["differences"]), tampering.__name__
        undo()
        assert needloop("audit", "--url", drilled).returncode == 0
