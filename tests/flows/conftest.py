"""One Prefect server for all tests of flows, and the command line as people use it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomli_w
from mlflow import MlflowClient

from flows.services import prefect_server
from pipelines.catalog import ModelSpec
from pipelines.settings import Settings

NEEDLOOP = [str(Path(sys.executable).parent / "needloop")]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Prefect server, started once."""
    home = tmp_path_factory.mktemp("prefect-home")
    settings = Settings(home=home, _env_file=None)
    before = dict(os.environ)
    settings.activate()
    try:
        with prefect_server(settings) as url:
            yield url
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def declared(topics: ModelSpec, settings: Settings) -> ModelSpec:
    """The tiny model, declared in the catalog of the test's home, with traffic kept back and a low threshold."""
    retraining = topics.retraining.model_copy(update={"feedback": 3})
    spec = topics.model_copy(update={"traffic": 0.2, "retraining": retraining})
    write_catalog(spec, settings)
    return spec


def write_catalog(spec: ModelSpec, settings: Settings) -> None:
    """The only declaration of the user's catalog."""
    tables = {"model": [spec.model_dump(mode="json", exclude_none=True)]}
    settings.catalog_file.write_text(tomli_w.dumps(tables), encoding="utf-8")


@pytest.fixture
def needloop(prefect_url: str, settings: Settings) -> Command:
    """Run a command to its end: `needloop("train", "topics")`."""

    def run(*words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*NEEDLOOP, *words], capture_output=True, text=True, env=environment(settings, prefect_url), timeout=280
        )
        assert done.returncode == status, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def rewind(settings: Settings, ledger: bytes = b"") -> None:
    """As if a run had been killed before its decision: what was written since, MLflow's memory included, is undone."""
    settings.ledger.write_bytes(ledger)
    settings.ledger.with_suffix(".head").unlink(missing_ok=True)
    MlflowClient(settings.tracking_uri).delete_registered_model_tag("topics", "ledger.head")


def environment(settings: Settings, prefect_url: str | None = None) -> dict[str, str]:
    """What a command inherits: this test's home and, if given, the shared Prefect server."""
    found = {**os.environ, **settings.environment(), "COLUMNS": "200"}
    found.pop("PREFECT_API_URL", None)
    return found | ({"PREFECT_API_URL": prefect_url} if prefect_url else {})


def outcomes(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """What a command printed with `--json`."""
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found
