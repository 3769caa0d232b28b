"""Old versions are removed from registry, disk, bucket and ledger, and every needed version stays."""

import hashlib
import json
from pkgutil import resolve_name

import pytest
from mlflow.exceptions import MlflowException
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.commands.app import app
from flows.promotion import rollback
from flows.retention import prune
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import prunes
from pipelines.promotion import version_cleanup
from pipelines.promotion.audit import find_differences
from pipelines.promotion.rollback import NoRollbackTarget
from pipelines.storage import blobs
from pipelines.store.lease import LeaseHeld, lease
from pipelines.workspace.settings import Settings
from tests.flows.test_s3 import STORE, in_bucket, server  # noqa: F401  a fixture
from tests.flows.versions import artefacts, decide

pytestmark = pytest.mark.timeout(300)

EVENTS = ("promote", "promote", "refuse", "promote", "refuse")  # of versions 1 to 5


@pytest.fixture
def five(decided, prefect_url):
    """The versions of a home: 4 is champion, 2 was champion before, 5 was judged last."""
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield decided(*EVENTS).workspace.registry.versions("topics")


def differences(settings):
    return find_differences(
        Ledger(settings.files.ledger), settings.workspace.registry, settings.home / "cache" / "packages", None
    )


def pruned(settings):
    return [entry.version for entry in Ledger(settings.files.ledger).entries() if prunes(entry)]


def files(settings):
    return {file: file.stat().st_size for file in settings.home.rglob("*") if file.is_file()}


def test_champions_and_newest_stay_and_the_rest_is_gone_from_disk_registry_and_cache(five, settings):
    cached = [settings.home / "cache" / "weights" / one.digest / "weights" for one in five]
    for folder in cached:
        folder.mkdir(parents=True)
        (folder / "copy").write_bytes(b"1234")
    before = files(settings)
    (freed,) = prune(["topics"], keep=1)
    left = {file for file, size in before.items() if not file.exists() and size}
    assert (freed.plan.kept, freed.plan.pruned) == ((2, 4, 5), (1, 3))
    assert freed.bytes == sum(before[file] for file in left)
    assert [one.version for one in settings.workspace.registry.versions("topics")] == [2, 4, 5]
    assert [len(artefacts(one, settings)) for one in five] == [0, 3, 0, 3, 3]
    assert [folder.exists() for folder in cached] == [False, True, False, True, True]
    assert differences(settings) == []
    assert pruned(settings) == [1, 3]

    (again,) = prune(["topics"], keep=1)
    assert (again.plan.removed, again.bytes, pruned(settings)) == ((), 0, [1, 3])


def test_what_is_pruned_has_no_way_back_but_a_card_and_a_run(five, settings, monkeypatch):
    prune(["topics"], keep=1)
    with pytest.raises(NoRollbackTarget, match=r"version 1: champions other than 4 were 1 \(pruned on 20"):
        rollback("topics", to=1)
    told = CliRunner().invoke(app, ["explain", "topics", "--version", "1"], catch_exceptions=False).stdout
    assert "It was pruned on" in told
    assert "head_rate" in told
    assert settings.workspace.registry.find_trained("topics", "key 1") is None
    with pytest.raises(MlflowException, match="not found"):
        settings.workspace.registry.version("topics", 1)
    assert rollback("topics").version == 2


KILLED = (
    "tasks.retention.sync_aliases",
    "pipelines.registry.registry.Registry.tag_pruned",
    "pipelines.storage.blobs.delete",
    "pipelines.registry.registry.Registry.delete_version",
)


def test_what_killed_runs_began_the_next_one_ends(five, settings, monkeypatch):
    for step in KILLED:
        with monkeypatch.context() as killed:
            killed.setattr(step, _dying(resolve_name(step), at=1 if step.endswith("sync_aliases") else 2))
            with pytest.raises(KeyboardInterrupt):
                prune(["topics"], keep=1)
        assert pruned(settings) == [1, 3]
    assert [one.version for one in settings.workspace.registry.versions("topics")] == [2, 3, 4, 5]
    prune(["topics"], keep=9)
    assert [one.version for one in settings.workspace.registry.versions("topics")] == [2, 4, 5]
    assert [len(artefacts(one, settings)) for one in five] == [0, 3, 0, 3, 3]
    assert pruned(settings) == [1, 3]
    assert differences(settings) == []


def _dying(real, at):
    """A step that is interrupted at its `at`th call, as by a signal."""
    calls = []

    def step(*words):
        calls.append(words)
        if len(calls) == at:
            raise KeyboardInterrupt
        return real(*words)

    return step


def test_a_dry_run_says_what_would_go_and_touches_nothing(five, settings, monkeypatch, prefect_url):
    def state():
        return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files(settings)}

    def output_of(*words):
        done = CliRunner().invoke(app, ["prune", "--keep", "1", *words], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    before = state()
    foretold, shown = json.loads(output_of("--dry-run", "--json")), output_of("--dry-run")
    assert state() == before
    assert [word in shown for word in ("would be freed", "1, 3", "2, 4, 5", "total")] == [True] * 4
    (row,) = foretold
    assert (row["model"], row["kept"], row["pruned"], row["snapshots"]) == ("topics", [2, 4, 5], [1, 3], 2)
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    assert json.loads(output_of("--json")) == foretold
    assert pruned(settings) == [1, 3]


def test_nothing_goes_while_somebody_trains_and_models_without_versions_are_named(five, settings):
    with lease(settings.database, "train-topics"), pytest.raises(LeaseHeld):
        prune(["topics"], keep=1)
    assert pruned(settings) == []
    strange = CliRunner().invoke(app, ["prune", "topcis", "--dry-run"])
    assert "topcis: no versions are registered; MLflow has versions of topics" in str(strange.exception)


def test_artefacts_that_two_versions_share_stay(five, settings):
    """A copy of a version in MLflow must not cost the champion its files."""
    registry = settings.workspace.registry
    champion = registry.client.get_model_version("topics", "4")
    registry.client.create_model_version("topics", champion.source, champion.run_id, tags=champion.tags)
    registry.client.create_model_version("topics", champion.source, champion.run_id, tags=champion.tags)
    plan = version_cleanup.plan_cleanup("topics", 1, settings.workspace)
    assert plan.pruned == (1, 3, 6)
    assert not [uri for uri in plan.artefacts if five[3].location.startswith(uri)]


class TestInABucket:
    """The same tests with a store behind an S3 server."""

    @pytest.fixture
    def settings(self, server, monkeypatch):  # noqa: F811
        import boto3
        import httpx

        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": server, "NEEDLOOP_STORE": STORE}.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "MLFLOW_S3_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        httpx.post(f"{server}/moto-api/reset")
        boto3.client("s3").create_bucket(Bucket="loop")
        return Settings(_env_file=None).activate()

    @pytest.fixture
    def three(self, declared, settings, prefect_url):
        with temporary_settings({PREFECT_API_URL: prefect_url}):
            yield decide(declared, settings, "promote", "promote", "promote")

    def test_objects_are_gone_and_the_bytes_are_right(self, three, settings):
        before = blobs.sizes(STORE)
        (freed,) = prune(["topics"], keep=1)
        after = set(in_bucket(STORE))
        assert freed.bytes == sum(size for uri, size in before.items() if uri not in after) > 1000
        assert [len(artefacts(one, settings)) for one in three] == [0, 3, 3]
        assert after == set(before) - {uri for uri in before if _of(uri, three[0])}
        assert differences(settings) == []


def _of(uri, version):
    """True if an object belongs to a version: to its run, its logged model or its train snapshot."""
    model = version.location.split("/models/")[1].split("/")[0]
    return any(part in uri for part in (model, version.run, version.snapshot))
