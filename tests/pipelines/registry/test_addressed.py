"""MLflow's own functions use a given registry within a block, and the former one after it."""

import os

import mlflow
import pytest

from pipelines.registry.run import use_tracking_uri


@pytest.mark.parametrize("before", ["sqlite:///before.db", None], ids=["an address", "none"])
def test_the_address_of_a_process_is_what_its_environment_says_before_and_after(monkeypatch, tmp_path, before):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", before or "")
    if before is None:
        monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with use_tracking_uri("sqlite:///within.db"):
        assert mlflow.get_tracking_uri() == "sqlite:///within.db"
    assert os.environ.get("MLFLOW_TRACKING_URI") == before
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///after.db")
    assert mlflow.get_tracking_uri() == "sqlite:///after.db"
