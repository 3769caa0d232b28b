"""A real service over packages that answer by single words."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from pipelines.evaluation.isolated_service import ServiceFailed, isolated_service
from pipelines.evaluation.package_parity import compare_answers
from pipelines.evaluation.serving_cost import compute_serving_cost
from pipelines.inference.artefact import BrokenPackage, package_digest
from pipelines.kinds.labelled.label_probabilities import label_probabilities
from tests.pipelines.serving.conftest import LABELS, write_package


@pytest.fixture
def package(tmp_path):
    return write_package(tmp_path / "package")


def artefact(folder):
    return str(folder), package_digest(folder)


def test_every_contestant_answers_in_order_with_calibrated_scores(package, tmp_path):
    other = write_package(tmp_path / "other", labels=("a", "b", "c"))
    texts = ["bad", "good", "so"] * 40
    with isolated_service(
        {"challenger": artefact(package), "champion": artefact(other)}, tmp_path, tmp_path / "work"
    ) as contest:
        one, two = contest.ask("challenger", texts), contest.ask("champion", texts)
        assert compute_serving_cost(contest, texts).champion_milliseconds > 0
        assert contest.ask("challenger", []).cells == []
    assert one.cells == ["negative", "positive", "neutral"] * 40
    assert two.cells == ["a", "c", "b"] * 40
    found = label_probabilities(one)
    assert found.columns == LABELS
    assert np.allclose(found.scores.sum(1), 1)
    assert found.of("negative")[0] == pytest.approx(one.confidences[0])
    assert not (tmp_path / "work").exists()


def test_a_slower_package_is_seen_to_be_slower(package, tmp_path):
    slow = write_package(tmp_path / "slow", work=700)
    with isolated_service(
        {"challenger": artefact(slow), "champion": artefact(package)}, tmp_path, tmp_path / "work"
    ) as contest:
        found = compute_serving_cost(contest, ["bad"] * 10)
    assert found.milliseconds > 1.5 * found.champion_milliseconds


@pytest.mark.parametrize(("expected", "differ"), [("negative", 0), ("neutral", 1)])
def test_a_package_that_answers_otherwise_than_it_recorded_is_found_out(package, tmp_path, expected, differ):
    said = f'[{{"text": "bad", "label": "{expected}"}}, {{"text": "good", "label": "positive"}}]'
    (package / "recorded.json").write_text(said)
    with isolated_service({"challenger": artefact(package)}, tmp_path, tmp_path / "work") as contest:
        found = compare_answers(package, lambda texts: contest.ask("challenger", texts))
    assert (found.texts, found.differ) == (2, differ)
    assert compare_answers(write_package(tmp_path / "mute"), lambda _: None) is None


def test_an_altered_package_never_stands(package, tmp_path):
    known = artefact(package)
    (package / "package.json").write_text("{}")
    with pytest.raises(BrokenPackage), isolated_service({"challenger": known}, tmp_path, tmp_path / "work"):
        pass


def test_a_package_that_does_not_load_is_told_with_its_reason(package, tmp_path):
    (package / "model.onnx").write_bytes(b"no network")
    started = time.monotonic()
    with (
        pytest.raises(ServiceFailed, match="version 1"),
        isolated_service({"challenger": artefact(package)}, tmp_path, tmp_path / "work"),
    ):
        pass
    assert time.monotonic() - started < 60


def test_nothing_of_a_trial_reaches_the_home_its_environment_or_a_ledger(package, tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_DATABASE_URL", f"sqlite:///{tmp_path / 'mine.db'}")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with isolated_service({"challenger": artefact(package)}, tmp_path, tmp_path / "work") as contest:
        contest.ask("challenger", ["bad"])
        assert (tmp_path / "work" / "needloop.db").exists()
        assert not (tmp_path / "work" / "ledger.jsonl").exists(), "nothing was decided about who stands on trial"
    assert not (tmp_path / "mine.db").exists()
    assert not (tmp_path / "ledger.jsonl").exists()


HOLDING = """
import sys, time
from pathlib import Path
from pipelines.evaluation.isolated_service import isolated_service
with isolated_service({"challenger": (sys.argv[1], sys.argv[2])}, Path(sys.argv[3]), Path(sys.argv[3]) / "work"):
    print("up", flush=True)
    time.sleep(100)
"""


def test_a_service_on_trial_ends_with_whoever_was_killed(package, tmp_path):
    command = [sys.executable, "-c", HOLDING, *artefact(package), str(tmp_path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "up\n"
    (service,) = psutil.Process(holder.pid).children()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    service.wait(timeout=10)
    holder.stdout.close()
    with isolated_service(
        {"challenger": artefact(package)}, tmp_path, tmp_path / "work"
    ) as contest:  # over the files that it left
        assert contest.ask("challenger", ["bad"]).cells == ["negative"]
