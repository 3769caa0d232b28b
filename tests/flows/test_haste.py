"""Fast commands: the result is printed as soon as it holds, and no module is loaded without need."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.ledger.ledger import Ledger
from tests.flows.environments import environment
from tests.pipelines.ledger.made import entry

NOT_NEEDED = {"torch", "transformers", "evaluate", "sklearn", "prefect"}


@pytest.fixture
def two(decided, monkeypatch):
    """Two champions, in turn; the process is killed while it writes the next decision to MLflow."""
    settings = decided("promote", "promote")

    def dies(*_):
        raise SystemExit(9)

    monkeypatch.setattr("pipelines.promotion.registry_sync.sync_aliases", dies)
    return settings


def output_of(*words, status=0):
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, (done.output, done.exception)
    return done.stdout


@pytest.mark.parametrize(
    "words", [("pause",), ("shadow", "--version", "1"), ("canary", "--version", "1")], ids=lambda words: words[0]
)
def test_what_was_done_is_said_before_mlflow_is_told(two, words):
    told = json.loads(output_of(words[0], "topics", *words[1:], "--json", status=9))
    assert told["since"] == Ledger(two.files.ledger).entries()[-1].time
    assert "topics" in output_of(words[0], "topics", *words[1:], status=9)


def test_the_reason_of_a_pause_is_kept_masked(two):
    output_of("pause", "topics", "--reason", "jane.roe@somewhere.org complained", status=9)
    assert Ledger(two.files.ledger).entries()[-1].reasons == ("<EMAIL> complained",)
    output_of("pause", "topics", "--reason", " ", status=2)


def test_a_way_back_is_said_before_the_server_of_the_flows_is_stopped(two, monkeypatch):
    @contextmanager
    def slow_to_stop(_):
        yield "http://127.0.0.1:9/api"
        raise SystemExit(9)

    monkeypatch.setattr("flows.processes.services.prefect_server", slow_to_stop)
    back = entry("rollback", "topics", 1, reasons=("told so",), champion=2)
    monkeypatch.setattr("flows.promotion.run_rollback", lambda *_: back)
    assert "topics 1 is champion again" in output_of("rollback", "topics", status=9)


def test_a_retraining_that_learns_nothing_loads_nothing_to_learn_with(decided, prefect_url):
    unneeded = {"torch", "transformers", "evaluate", "sklearn", "mlflow", "great_expectations"}
    script = (
        "import sys; from flows.retraining import run_retraining; "
        f"print(run_retraining('topics').verdict, {unneeded!r} & set(sys.modules))"
    )
    surroundings = environment(decided("promote"), prefect_url)
    done = subprocess.run([sys.executable, "-c", script], env=surroundings, capture_output=True, text=True)
    assert done.stdout == "skipped set()\n", done.stderr


def test_telling_mlflow_loads_no_networks_and_no_orchestrator():
    script = f"import sys, pipelines.promotion.registry_sync; print({NOT_NEEDED!r} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"
