"""The audit finds and names each change that bypassed the gate."""

import json
from pathlib import Path

import httpx
import pytest
from mlflow import MlflowClient
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.auditing import Disagreement
from flows.auditing import audit as watched
from flows.commands.app import app
from flows.training import train
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.events import Refusal
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.audit import find_differences
from tests.flows.environments import prefect_header
from tests.pipelines.ledger.made import event
from tests.pipelines.serving.conftest import until

pytestmark = pytest.mark.timeout(300)


def differences(settings, served=None):
    return find_differences(Ledger(settings.files.ledger), settings.workspace.registry, settings.home / "cache", served)


def alias(settings):
    client = MlflowClient(settings.tracking_uri)
    version = client.get_model_version("topics", "1")
    client.create_model_version("topics", version.source, tags=version.tags)
    client.set_registered_model_alias("topics", "champion", "2")
    return "MLflow's champion is 2, the ledger's is 1"


def byte(settings):
    said = settings.files.ledger.read_bytes()
    settings.files.ledger.write_bytes(said.replace(b'"version": 1', b'"version": 2'))
    return "ledger.jsonl:1 was altered: it is not signed"


def last_entry(settings):
    settings.files.ledger.write_bytes(b"")
    return "ledger.jsonl has lost entries"


def last_entry_and_head(settings):
    settings.files.ledger.write_bytes(b"")
    settings.files.ledger.with_suffix(".head").unlink()
    return "topics: the ledger lost entry"


def line_end(settings):
    ledger = Ledger(settings.files.ledger)
    ledger.append(Refusal(ledger.champion("topics").event.subject, (), 1))
    MlflowClient(settings.tracking_uri).set_registered_model_tag("topics", "ledger.head", ledger.entries()[-1].hash())
    settings.files.ledger.write_bytes(settings.files.ledger.read_bytes().replace(b"\n", b"\r", 1))
    return "ledger.jsonl:1 is not a ledger entry"


def gate_input(settings):
    entry = Ledger(settings.files.ledger).champion("topics")
    file = next(uri for uri in entry.files if uri.endswith(".json"))
    Path(file).unlink()
    return f"evidence of topics 1: {file} is gone"


def answers(settings):
    entry = Ledger(settings.files.ledger).champion("topics")
    file = Path(next(uri for uri in entry.files if "/evidence/" in uri and uri.endswith(".parquet")))
    file.write_bytes(file.read_bytes()[:-1])
    return f"{file} was altered"


def package(settings):
    (Path(Ledger(settings.files.ledger).champion("topics").package) / "model.onnx").unlink()
    return "was altered: its digest is"


def head(settings):
    MlflowClient(settings.tracking_uri).delete_registered_model_tag("topics", "ledger.head")
    return "MLflow does not know the ledger's last entry"


@pytest.mark.parametrize(
    "tampering", [alias, byte, last_entry, last_entry_and_head, line_end, gate_input, answers, package, head]
)
def test_what_was_tampered_with_is_named(trained, tampering):
    assert differences(trained) == []
    said = tampering(trained)
    (difference,) = differences(trained)
    assert said in difference


def test_a_service_that_serves_something_else_is_named(trained):
    assert differences(trained, {"topics": 1}) == []
    assert differences(trained, {"topics": 2}) == ["topics: 2 is served, the ledger's champion is 1"]
    assert differences(trained, {}) == ["topics: nothing is served, the ledger's champion is 1"]


def test_the_next_run_does_not_cover_up_a_removed_entry(trained, prefect_url):
    last_entry_and_head(trained)
    with temporary_settings({PREFECT_API_URL: prefect_url}), pytest.raises(BrokenLedger, match="lost entry"):
        train("topics")
    assert "the ledger lost entry" in differences(trained)[0]


def test_what_was_moved_by_hand_is_set_right_by_the_next_run(trained, prefect_url):
    alias(trained)
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        train("topics")
    assert differences(trained) == []


def test_a_decision_names_its_evidence_and_who_was_there(trained):
    entry = Ledger(trained.files.ledger).champion("topics")
    card = json.loads(Path(next(uri for uri in entry.files if uri.endswith(".json"))).read_text())
    assert card["challenger"]["macro_f1"]["value"] > 0.2
    assert len(entry.files) == 3
    assert "@" in entry.by


def last_message(prefect_url):
    asked = {"sort": "START_TIME_DESC", "limit": 1, "flows": {"name": {"any_": ["audit"]}}}
    (run,) = httpx.post(f"{prefect_url}/flow_runs/filter", json=asked, headers=prefect_header()).json()
    return run["state"]["message"]


def test_what_differs_raises_an_alert(trained, prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        assert watched() == 1
        assert last_message(prefect_url) == "1 entry agrees"
        assert json.loads(trained.files.audit.read_text())["differences"] == []
        said = alias(trained)
        with pytest.raises(Disagreement, match=said):
            watched()
    assert said in json.loads(trained.files.audit.read_text())["differences"][0]
    asked = {"filter": {"event": {"name": ["needloop.alert"]}}}

    def reported():
        events = httpx.post(f"{prefect_url}/events/filter", json=asked, headers=prefect_header()).json()["events"]
        return [line for one in events for line in one["payload"].get("differences", ())]

    until(lambda: any(said in line for line in reported()))


def test_the_command_exits_as_it_found(trained, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_URL", "http://127.0.0.1:9")  # no server listens there
    assert CliRunner().invoke(app, ["audit"]).exit_code == 0
    assert json.loads(trained.files.audit.read_text())["differences"] == []
    ledger = Ledger(trained.files.ledger)
    ledger.append(event("refuse", "topics", 7))
    done = CliRunner().invoke(app, ["audit", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["service"] is None
    assert "last entry" in json.loads(done.stdout)["differences"][0]
