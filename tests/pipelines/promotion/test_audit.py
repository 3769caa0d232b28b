"""The audit's comparison of MLflow with the ledger: only the service's own entries may be missing in MLflow."""

import json

import pytest

from pipelines.inference.artefact import package_digest
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.audit import find_differences
from pipelines.promotion.rollout import RolloutPlan, abort_rollout, start_rollout, withdraw_rollout
from tests.pipelines.ledger.made import event


class Remembering:
    """A registry whose last known entry has this hash."""

    def __init__(self, head):
        self.head = head

    def heads(self):
        return {"mood": self.head}

    def aliases(self, model):
        return {"champion": 2}


@pytest.fixture
def ledger(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"kind": "classification", "labels": ["bad", "good"]}))
    found = Ledger(tmp_path / "ledger.jsonl")
    for version in (1, 2):
        package = {"location": str(folder), "digest": package_digest(folder)}
        found.append(event("promote", "mood", version, gate="g", **package))
    return found


def test_an_abort_by_the_service_is_no_difference_and_whatever_a_person_does_without_mlflow_is_one(ledger, tmp_path):
    trial = start_rollout(ledger, "mood", 1, RolloutPlan("canary", "to see", share=0.1, hours=1), tmp_path)
    told = Remembering(trial.hash())
    assert find_differences(ledger, told, tmp_path, {"mood": 2}) == []
    aborted = abort_rollout(ledger, trial, ["errors"])
    assert find_differences(ledger, told, tmp_path, {"mood": 2}) == []
    assert find_differences(ledger, Remembering(aborted.hash()), tmp_path, {"mood": 2}) == []

    start_rollout(ledger, "mood", 1, RolloutPlan("shadow", "to see"), tmp_path)
    withdraw_rollout(ledger, "mood", "seen")
    (found,) = find_differences(ledger, told, tmp_path, {"mood": 2})
    assert "MLflow does not know the ledger's last entry" in found
    (lost,) = find_differences(ledger, Remembering("f" * 64), tmp_path, {"mood": 2})
    assert "lost entry ffffffffffff" in lost
