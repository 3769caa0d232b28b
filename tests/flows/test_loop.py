"""The whole loop on a tiny random model, without any network but the loopback."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.store.store import Store
from tests.flows.conftest import NEEDLOOP
from tests.flows.environments import environment

pytestmark = pytest.mark.timeout(480)
ISOLATED = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def offline(command, settings):
    """Run a command in a network namespace where only the loopback is up; every child process is inside it too."""
    inner = 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"'
    return subprocess.run(
        [*ISOLATED, "bash", "-c", inner, "-", *command],
        capture_output=True,
        text=True,
        env=environment(settings),
        timeout=400,
    )


def can_isolate():
    return bool(shutil.which("unshare")) and subprocess.run([*ISOLATED, "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_isolate(), reason="this kernel lets nobody make a network namespace")
def test_the_loop_goes_round_twice_with_only_the_loopback(declared, migrated, settings, needloop):
    reached = offline([sys.executable, "-c", "import socket; socket.create_connection(('1.1.1.1', 53), 3)"], settings)
    assert "Network is unreachable" in reached.stderr

    first = offline([*NEEDLOOP, "run", "topics", "--json"], settings)
    assert first.returncode == 0, first.stdout + first.stderr
    learnt, again = json.loads(first.stdout)
    assert learnt["verdict"] == "promoted"
    assert again["verdict"] == "promoted", again["reason"]
    assert again["card"]["champion"] is not None, "champion and challenger stand on the same texts"
    assert again["version"]["feedback"] > 0
    _everything_is_where_it_belongs(settings, learnt)

    answered = len(Store(settings.database).answered_keys("topics"))
    known, idle = json.loads(needloop("run", "topics", "--json").stdout)
    assert known["reused"]
    assert known["version"] == learnt["version"]
    assert idle["verdict"] == "skipped"
    assert "0 new labels" in idle["reason"]
    assert len(Store(settings.database).answered_keys("topics")) == answered > 0
    assert len(settings.workspace.registry.versions("topics")) == 2


def _everything_is_where_it_belongs(settings, learnt):
    champion = Ledger(settings.files.ledger).champion("topics")
    registry = settings.workspace.registry
    assert registry.aliases("topics")["champion"] == champion.version
    assert (settings.home / "docs" / "index.html").exists()
    _loads_with_plain_mlflow(settings)
    run = registry.client.get_run(registry.version("topics", 1).run)
    assert run.data.params["recipe.epochs"] == "3"
    figures = {one["name"]: one["value"] for one in learnt["card"]["measures"]}
    assert run.data.metrics["test.macro_f1"] == pytest.approx(figures["test.macro_f1"])
    assert figures["test.macro_f1"] > 0.5
    assert registry.client.get_metric_history(run.info.run_id, "train.loss")
    assert run.inputs.dataset_inputs[0].dataset.digest == registry.version("topics", 1).snapshot[:32]


def _loads_with_plain_mlflow(settings):
    script = (
        "import mlflow, pandas, json;"
        "model = mlflow.pyfunc.load_model('models:/topics@champion');"
        "print(json.dumps(model.predict(pandas.DataFrame({'text': ['my bag is lost']})).to_dict('records')))"
    )
    elsewhere = settings.home / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=elsewhere, capture_output=True, text=True, env=environment(settings)
    )
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout.splitlines()[-1])
    assert answer["label"] in {"baggage", "delay", "praise"}
    assert 0 < answer["score"] <= 1
