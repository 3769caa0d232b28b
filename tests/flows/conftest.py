"""One Prefect server for all flow tests, and the command line as people use it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from flows.processes.services import prefect_server
from flows.training import train
from pipelines.catalog.catalog_file import load
from pipelines.catalog.spec import ModelSpec
from pipelines.home.relocation import relocate
from pipelines.workspace.settings import Settings
from tests.conftest import made_once, topics_model, write_topics
from tests.flows.declarations import declaration, demanding, write_catalog
from tests.flows.environments import PREFECT_DATABASE, copy_database, environment, inhabited, migrate_prefect
from tests.flows.versions import decide
from tests.forking import Forker

NEEDLOOP = [str(Path(sys.executable).parent / "needloop")]
MAIN = "flows.commands.app:main"
IMPORTED = (
    "flows.commands.app",
    "expectations.culprit",
    "expectations.docs",
    "expectations.labelled_text",
    "matplotlib.figure",
    "mlflow.pyfunc",
    "onnxruntime",
    "pipelines.card.card",
    "pipelines.evaluation.version_evaluation",
    "pipelines.kinds.classification.evaluation.label_metrics",
    "pipelines.evaluation.isolated_service",
    "pipelines.promotion.audit",
    "pipelines.registry.run",
    "pipelines.training.fine_tuning",
)
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def prefect_home(workers_folder: Path) -> Path:
    """The home of the Prefect server that all tests share: each test must filter for its own runs."""
    return workers_folder / "prefect-home"


@pytest.fixture(scope="session")
def new_prefect(workers_folder: Path) -> Path:
    """The path of a migrated, empty Prefect database, which the first worker makes: migrations take some seconds."""
    return workers_folder / "new-prefect.db"


@pytest.fixture(scope="session")
def prefect_url(prefect_home: Path, new_prefect: Path) -> Iterator[str]:
    """The address of a real Prefect server: commands of one home share one, and so do the workers."""
    with ExitStack() as running:
        settings = running.enter_context(inhabited(prefect_home))
        with FileLock(f"{new_prefect}.lock"):
            url = running.enter_context(prefect_server(settings))
            if not new_prefect.exists():
                copy_database(settings.home / PREFECT_DATABASE, new_prefect)
        # Prefect reads the environment once, when it is imported: before this in the process of the tests.
        secret = {PREFECT_API_AUTH_STRING: os.environ["PREFECT_API_AUTH_STRING"]}
        running.enter_context(temporary_settings(secret))
        yield url


@pytest.fixture
def migrated(settings: Settings, prefect_url: str, new_prefect: Path) -> None:
    """The test's home has a migrated Prefect database."""
    migrate_prefect(settings, new_prefect)


@pytest.fixture(scope="session")
def new_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database after its migrations."""
    with inhabited(tmp_path_factory.mktemp("new-mlflow") / "home") as settings:
        settings.workspace.registry.names()
    return settings.home / "mlflow.db"


@pytest.fixture
def declared(topics: ModelSpec, settings: Settings, new_mlflow: Path) -> ModelSpec:
    """The tiny model, declared in the catalog of the test's home; MLflow's database is there."""
    copy_database(new_mlflow, settings.home / "mlflow.db")
    spec = declaration(topics)
    write_catalog(spec, settings)
    return spec


@pytest.fixture(scope="session")
def trained_home(
    tmp_path_factory: pytest.TempPathFactory,
    workers_folder: Path,
    tiny_encoder: Path,
    prefect_url: str,
    forker: Forker,
) -> Path:
    """A home in which a command trained, judged and promoted the tiny model; no test works in it.

    The output of the command is beside it, in the files `stdout` and `stderr`.
    """

    def make() -> Path:
        folder = tmp_path_factory.mktemp("trained")
        with inhabited(folder / "home") as settings:
            write_catalog(declaration(topics_model(write_topics(folder / "topics.csv"), tiny_encoder)), settings)
            words, surroundings = ["needloop", "train", "topics", "--json"], environment(settings, prefect_url)
            done = forker.run(MAIN, words, surroundings, settings.home, timeout=280)
            assert done.returncode == 0, done.stdout + done.stderr
        (folder / "stdout").write_text(done.stdout, encoding="utf-8")
        (folder / "stderr").write_text(done.stderr, encoding="utf-8")
        return settings.home

    return made_once(workers_folder / "trained", make)


@pytest.fixture(scope="session")
def refusing_home(
    tmp_path_factory: pytest.TempPathFactory, workers_folder: Path, trained_home: Path, prefect_url: str
) -> Path:
    """The trained home with a second version, which a stricter gate refused."""

    def make() -> Path:
        home = shutil.copytree(trained_home, tmp_path_factory.mktemp("refusing") / "home")
        with inhabited(home) as settings, temporary_settings({PREFECT_API_URL: prefect_url}):
            write_catalog(demanding(load(settings.catalog_file)["topics"]), settings)
            assert train("topics").verdict == "refused"
        return home

    return made_once(workers_folder / "refusing", make)


@pytest.fixture(scope="session")
def decided_home(
    tmp_path_factory: pytest.TempPathFactory, workers_folder: Path, tiny_encoder: Path, new_mlflow: Path
) -> Callable[..., Path]:
    """`decided_home("promote", "refuse")`: a home with a version for each decision; no test works in it."""

    def home(*tags: str) -> Path:
        def make() -> Path:
            folder = tmp_path_factory.mktemp("decided")
            with inhabited(folder / "home") as settings:
                copy_database(new_mlflow, settings.home / "mlflow.db")
                decide(declaration(topics_model(write_topics(folder / "topics.csv"), tiny_encoder)), settings, *tags)
            return settings.home

        return made_once(workers_folder / f"decided-{'-'.join(tags)}", make)

    return home


@pytest.fixture
def decided(declared: ModelSpec, settings: Settings, decided_home: Callable[..., Path]) -> Callable[..., Settings]:
    """`decided("promote", "refuse")`: the test's home, with a version for each decision."""

    def settled(*tags: str) -> Settings:
        home = decided_home(*tags)
        shutil.copytree(home, settings.home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("home.*", "*.db*"))
        for database in ("mlflow.db", "needloop.db"):
            copy_database(home / database, settings.home / database)
        relocate(settings.home / "mlflow.db", [str(home)], settings.home)
        return settings

    return settled


@pytest.fixture
def trained(declared: ModelSpec, settings: Settings, trained_home: Path, prefect_url: str) -> Iterator[Settings]:
    """The test's own home with one champion, copied from the trained home; flows run on the shared server."""
    _moved_in(trained_home, settings)
    write_catalog(declared, settings)
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield settings


@pytest.fixture
def two(declared: ModelSpec, settings: Settings, refusing_home: Path, prefect_url: str) -> Iterator[Settings]:
    """The test's own home: version 1 is champion, version 2 was refused."""
    _moved_in(refusing_home, settings)
    write_catalog(demanding(declared), settings)
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield settings


def _moved_in(home: Path, settings: Settings) -> None:
    """Copy that home to the place of the test's own."""
    shutil.copytree(home, settings.home, dirs_exist_ok=True)
    settings.activate()


@pytest.fixture(scope="session")
def forker(workers_folder: Path) -> Forker:
    """Forks commands with their imports done, except Prefect, which reads the environment on import."""
    home = Settings(home=workers_folder / "forker-home", _env_file=None)
    return Forker(workers_folder / "forker", *IMPORTED, env={**os.environ, **home.environment()})


@pytest.fixture
def needloop(prefect_url: str, settings: Settings, forker: Forker) -> Command:
    """Run a command to its end: `needloop("train", "topics")`."""

    def run(*words: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = forker.run(MAIN, ["needloop", *words], environment(settings, prefect_url), Path.cwd(), timeout=280)
        assert status is None or done.returncode == status, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def outcomes(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """The outcomes that a command printed with `--json`."""
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Settings]:
    """The settings of a home, as a process reads them that is started for it."""

    def settings(home: Path) -> Settings:
        monkeypatch.setenv("NEEDLOOP_HOME", str(home))
        for name in ("MLFLOW_TRACKING_URI", "NEEDLOOP_CATALOG"):
            monkeypatch.delenv(name, raising=False)
        return Settings(_env_file=None).activate()

    return settings
