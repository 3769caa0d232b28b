"""`needloop tune`: one flow, its record in MLflow and in a file, and a catalog that training then uses."""

import json

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.commands.app import app
from flows.context import load_model as declared_now
from pipelines.catalog.catalog_file import UnknownModel
from pipelines.registry.registry import Registry
from pipelines.store.lease import LeaseHeld, lease
from pipelines.tuning.choice import Choice
from pipelines.tuning.space import Backbone
from pipelines.tuning.trial import Trial
from pipelines.tuning.tuning_record import TuningRuns
from tests.flows.environments import prefect_header

pytestmark = pytest.mark.timeout(300)


def test_a_tuning_records_every_trial_and_its_choice_and_applies_it(declared, settings, prefect_url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    monkeypatch.setenv("COLUMNS", "200")
    # The winner of two tiny random encoders is chance; training must use the winner's recipe.
    monkeypatch.setattr("pipelines.tuning.search.choose", lambda *_: Choice(1, 0.9, 0.01, "the half is as good"))
    command = ["tune", "topics", "--base", declared.base_model, "--minutes", "5", "--trials", "2"]
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        with lease(settings.database, "tune-topics"), pytest.raises(LeaseHeld):
            CliRunner().invoke(app, command, catch_exceptions=False)
        with monkeypatch.context() as failing:
            failing.setattr("pipelines.tuning.search.choose", lambda *_: Choice(None, 0.0, 0.0, "no trial finished"))
            before = settings.catalog_file.read_bytes()
            CliRunner().invoke(app, [*command, "--apply"], catch_exceptions=False)
            assert settings.catalog_file.read_bytes() == before, "where nothing finished nothing is applied"
        printed = CliRunner().invoke(app, command, catch_exceptions=False)
        applied = CliRunner().invoke(app, [*command, "--apply", "--json"], catch_exceptions=False)
    found = json.loads(applied.stdout)
    assert len(found["trials"]) == 6
    assert len({row["backbone"] for row in found["trials"]}) == 2
    assert found == {**json.loads((settings.home / "tuning" / "topics.json").read_text()), "time": found["time"]}
    assert found["reason"] in " ".join(printed.stdout.split())
    published = httpx.get(f"{prefect_url}/artifacts/tuning-topics/latest", headers=prefect_header()).json()
    assert found["reason"] in published["description"]
    assert len(json.loads(published["data"])) == len(found["trials"])
    _every_trial_is_a_nested_run(settings, found)
    spec = declared_now("topics")[1]
    assert spec.recipe.pruning.layers == 1
    assert (spec.base_model, spec.recipe.model_dump(mode="json")) == (
        found["choice"]["base"],
        found["choice"]["recipe"],
    )
    assert (spec.gate, spec.source, spec.retraining) == (declared.gate, declared.source, declared.retraining)


def _every_trial_is_a_nested_run(settings, found):
    client = settings.workspace.registry.client
    runs = client.search_runs([client.get_experiment_by_name("topics").experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    nested = {run.data.tags["trial"]: run for run in runs if run is not parent}
    assert {run.data.tags["mlflow.parentRunId"] for run in nested.values()} == {parent.info.run_id}
    assert nested.keys() == {str(row["trial"]) for row in found["trials"]}
    assert (parent.data.tags["choice"], parent.data.tags["reason"]) == (str(found["choice"]["trial"]), found["reason"])
    assert {run.info.status for run in runs} == {"FINISHED"}
    first = nested["0"]
    assert first.data.params["recipe.epochs"] == "3"
    assert first.data.metrics["macro_f1"] == pytest.approx(found["trials"][0]["macro_f1"])
    assert 0.01 < first.data.metrics["cost.seconds"] < found["seconds"]
    assert len(client.get_metric_history(first.info.run_id, "validation.macro_f1")) > 1
    assert [file.path for file in client.list_artifacts(parent.info.run_id)] == ["tuning.json"]


def test_a_trial_whose_record_was_cut_short_is_recorded_again(settings, topics):
    registry, seen = settings.workspace.registry, []
    trial = Trial(0, Backbone(base="minilm", layers=6), topics.recipe, "diverged", 2.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "log", lambda *_: seen.append(1) or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            TuningRuns(registry, topics, "study").log(trial)
    runs = TuningRuns(registry, topics, "study")
    assert seen
    assert registry.end_stale_runs("topics") == 0, "a tuning that runs is not ended by a training"
    runs.log(trial)
    TuningRuns(registry, topics, "study").log(trial)
    experiment = registry.client.get_experiment_by_name("topics").experiment_id
    nested = registry.client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{runs.id}'")
    assert [(one.data.tags["end"], one.data.metrics["cost.seconds"]) for one in nested] == [("diverged", 2.0)]


def test_an_unknown_model_is_refused_before_anything_starts(settings):
    with pytest.raises(UnknownModel, match="choose from"):
        CliRunner().invoke(app, ["tune", "nonesuch"], catch_exceptions=False)
