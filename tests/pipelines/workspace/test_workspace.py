"""A workspace opens parts on first use, and another workspace of the same process is not touched."""

import os
import sqlite3
from dataclasses import replace

import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.home.faults import DatabaseFault
from pipelines.workspace.settings import Settings
from tests.flows.versions import registered

SENTIMENT = next(spec for spec in BUILT_IN if spec.name == "sentiment")


@pytest.fixture
def other(tmp_path):
    """Settings of a home that this process's environment does not name."""
    return Settings(home=tmp_path / "other", _env_file=None)


def test_what_is_not_asked_for_is_neither_opened_nor_made(tmp_path):
    workspace = Settings(home=tmp_path / "home", _env_file=None).workspace
    assert workspace.ledger.entries() == []
    assert [*tmp_path.iterdir()] == []
    workspace.store.check_writable()
    assert (tmp_path / "home" / "needloop.db").exists()
    assert not (tmp_path / "home" / "mlflow.db").exists()


def test_each_part_is_opened_once(settings):
    workspace = settings.workspace
    assert workspace.store is workspace.store
    assert workspace.registry is workspace.registry
    assert workspace.ledger is workspace.ledger


@pytest.mark.timeout(20)  # the default patience of a workspace is 30 s
def test_who_finds_the_database_locked_waits_as_long_as_the_workspace_says(settings):
    store = replace(settings.workspace, timeout=0.05).store
    with sqlite3.connect(settings.home / "needloop.db") as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFault, match="locked"):
            store.record_test_set_use("d" * 64, "topics", "version 1")


def test_a_version_goes_to_the_mlflow_of_its_home_whatever_the_process_names(settings, other, monkeypatch):
    other.home.mkdir()
    monkeypatch.setattr(Settings, "tracking_uri", property(lambda self: f"sqlite:///{self.home}/mlflow.db"))
    registered(SENTIMENT, other, 1)
    assert other.workspace.registry.names() == ["sentiment"]
    assert settings.workspace.registry.names() == []
    assert os.environ["MLFLOW_TRACKING_URI"] == f"sqlite:///{settings.home}/mlflow.db"
