"""A copied or moved home is whole in its new place, and writes nothing to the old one."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from starlette.testclient import TestClient
from typer.testing import CliRunner

from flows.auditing import differences
from flows.commands.app import app
from flows.retention import prune
from flows.training import train
from pipelines.home.addresses import NotOwned
from pipelines.home.location import read_location
from pipelines.inference.artefact import open_package
from pipelines.ledger.ledger import Ledger
from pipelines.serving.application import app as service
from pipelines.workspace.settings import Settings
from tests.flows.homes import aged, digests, of_today
from tests.flows.versions import record_decision, registered

pytestmark = pytest.mark.timeout(300)

EVENTS = ("promote", "promote", "promote", "refuse")  # of versions 1 to 4
COLUMNS = (
    "SELECT artifact_location FROM experiments WHERE name = 'topics'",
    "SELECT artifact_uri FROM runs",
    "SELECT artifact_location FROM logged_models",
    "SELECT storage_location FROM model_versions",
    "SELECT dataset_source FROM datasets",
)


@pytest.fixture
def four(decided, prefect_url):
    """A home with four versions: 3 is champion, 2 was champion before, 4 was judged last."""
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield decided(*EVENTS)


def undocumented(settings):
    """A home in the form of 5f045c1 whose validations are lost."""
    aged(settings)
    shutil.rmtree(settings.files.validations)


def in_mlflow(settings):
    with closing(sqlite3.connect(settings.home / "mlflow.db")) as connection:
        return [value for query in COLUMNS for (value,) in connection.execute(query)]


@pytest.mark.parametrize("made", [of_today, aged, undocumented])
def test_a_moved_home_agrees_answers_and_shows_what_was_decided(made, four, settings_of, tmp_path):
    made(four)
    said = four.files.ledger.read_bytes()
    moved = settings_of(four.home.rename(tmp_path / "moved"))
    assert differences(moved.workspace, None) == []
    assert moved.files.ledger.read_bytes() == said
    assert [value for value in in_mlflow(moved) if str(four.home) in value or str(moved.home) not in value] == []
    for version in moved.workspace.registry.versions("topics"):
        assert Path(version.location).is_relative_to(moved.home)
        open_package(version.location, version.digest, moved.home / "cache" / "packages")
    told = CliRunner().invoke(app, ["explain", "topics", "--version", "2", "--json"], catch_exceptions=False)
    found = json.loads(told.stdout)
    assert (found["faults"], found["scorecard"]["rows"]) == ([], 2)
    assert str(four.home) not in found["card"]
    with TestClient(service(moved, "127.0.0.1"), base_url="http://127.0.0.1") as client:
        answer = client.post("/v1/models/topics/predict", json={"texts": ["so so"]})
        assert (answer.status_code, answer.json()["version"]) == (httpx.codes.OK, 3)
    assert not four.home.exists()


@pytest.mark.parametrize("made", [of_today, aged])
def test_pruning_in_a_copy_leaves_every_byte_of_the_original(made, four, settings_of, tmp_path):
    made(four)
    copy = settings_of(shutil.copytree(four.home, tmp_path / "copy"))
    before = digests(four.home)
    (freed,) = prune(["topics"], keep=1)
    assert (freed.plan.pruned, freed.bytes > 0) == ((1,), True)
    assert digests(four.home) == before
    assert [version.version for version in copy.workspace.registry.versions("topics")] == [2, 3, 4]
    assert differences(copy.workspace, None) == []
    assert len(list((copy.home / "artifacts" / "topics" / "models").iterdir())) == 3


def test_what_is_written_from_then_on_is_relative_to_the_home(four, declared, settings_of, tmp_path):
    aged(four)
    moved = settings_of(four.home.rename(tmp_path / "moved"))
    entry = record_decision(registered(declared, moved, 5), "promote", moved)
    assert not Path(entry.event.subject.location).is_absolute()
    assert [uri for uri in entry.event.evidence if Path(uri).is_absolute()] == []
    again = settings_of(moved.home.rename(tmp_path / "again"))
    assert differences(again.workspace, None) == []
    assert read_location(again.home).former == (str(moved.home), str(four.home))


def test_training_again_in_a_moved_home_trains_and_judges_nothing(trained, settings, settings_of, tmp_path):
    moved = settings_of(settings.home.rename(tmp_path / "moved"))
    again = train("topics")
    assert (again.reused, again.verdict) == (True, "promoted")
    assert len(Ledger(moved.files.ledger).entries()) == len(moved.workspace.registry.versions("topics")) == 1
    # This process stores Prefect's files where the home was when Prefect was imported.
    assert {path.name for path in settings.home.glob("*")} <= {"prefect"}


def test_what_lies_outside_home_and_store_is_not_deleted_but_named(four, tmp_path):
    registry = four.workspace.registry
    strange = tmp_path / "elsewhere" / "package"
    strange.mkdir(parents=True)
    registry.client.set_model_version_tag("topics", "1", "location", str(strange))
    with pytest.raises(NotOwned, match="elsewhere/package lies neither below the home"):
        prune(["topics"], keep=1)
    assert strange.exists()
    assert [version.version for version in registry.versions("topics")] == [1, 2, 3, 4]


def test_only_the_owner_reads_what_mlflow_copied(four):
    open_ones = [path for path in (four.home / "artifacts").rglob("*") if path.stat().st_mode & 0o077]
    assert open_ones == []


def test_a_link_that_leads_out_of_the_home_is_not_followed_to_delete(four, tmp_path):
    """A copied folder holds the same links: their targets belong to the original."""
    outside = (four.home / "artifacts").rename(tmp_path / "disk")
    (four.home / "artifacts").symlink_to(outside)
    before = digests(outside)
    with pytest.raises(NotOwned, match="lies neither"):
        prune(["topics"], keep=1)
    assert digests(outside) == before


def test_a_registry_that_cannot_follow_is_not_written_through(four, declared, tmp_path, settings_of, monkeypatch):
    """An MLflow server elsewhere still names the old home: a new run would write its files there."""
    server = shutil.copy(four.home / "mlflow.db", tmp_path / "mlflow.db")
    moved = settings_of(shutil.copytree(four.home, tmp_path / "copy"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{server}")
    before = digests(four.home)
    with pytest.raises(NotOwned, match="lies neither below the home"):
        registered(declared, moved, 5)
    assert digests(four.home) == before


def test_killed_while_it_is_noticed_the_next_one_ends_it(four, settings_of, tmp_path, monkeypatch):
    aged(four)
    before = in_mlflow(four)
    moved = four.home.rename(tmp_path / "moved")
    with monkeypatch.context() as killed:
        killed.setattr("pipelines.home.relocation.json", SimpleNamespace(loads=_dying))  # amid the transaction
        with pytest.raises(KeyboardInterrupt):
            settings_of(moved)
    settings = Settings(_env_file=None)
    assert in_mlflow(settings) == before
    settings_of(moved)
    assert [value for value in in_mlflow(settings) if str(four.home) in value] == []
    assert differences(settings.workspace, None) == []


def _dying(*_words):
    raise KeyboardInterrupt


def test_a_home_used_by_a_link_is_the_same_home(four, settings_of, tmp_path, declared):
    (four.home / "logs").mkdir(exist_ok=True)
    running = four.home / "logs" / "prefect.1.process.json"
    running.write_text("{}")
    (tmp_path / "link").symlink_to(four.home)
    addresses, known = in_mlflow(four), read_location(four.home)
    linked = settings_of(tmp_path / "link")
    assert running.exists()
    assert (in_mlflow(linked), read_location(linked.home)) == (addresses, known)
    assert differences(linked.workspace, None) == []
    entry = record_decision(registered(declared, linked, 5), "promote", linked)
    assert not Path(entry.event.subject.location).is_absolute()
    assert [uri for uri in entry.event.evidence if Path(uri).is_absolute()] == []
    assert differences(settings_of(four.home).workspace, None) == []
    (tmp_path / "link").unlink()
    moved = settings_of(four.home.rename(tmp_path / "link"))  # the home takes the place of the link
    assert (running.exists(), read_location(moved.home).former) == (False, (str(four.home),))


def test_processes_of_the_original_are_not_taken_for_the_copys_own(four, settings_of, tmp_path):
    logs = four.home / "logs"
    logs.mkdir(exist_ok=True)
    for name in ("prefect.1.process.json", "prefect.2.user.json"):
        (logs / name).write_text("{}")
    copy = settings_of(shutil.copytree(four.home, tmp_path / "copy"))
    assert list((copy.home / "logs").glob("*.json")) == []
    assert len(list(logs.glob("*.json"))) == 2
