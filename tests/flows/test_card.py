"""Every decision leaves a card: in the home, at the run in MLflow, in Prefect; asked for, it is written anew."""

import json
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.commands.app import app
from flows.promotion import promote, rollback
from flows.training import train
from pipelines.card.tracing import UnknownVersion
from pipelines.ledger import Ledger
from pipelines.registry.registry import Registry
from tests.flows.versions import judged, registered

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def connected(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield prefect_url


def explained(*words):
    done = CliRunner().invoke(app, ["explain", "topics", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_a_decision_leaves_a_card_in_the_home_in_mlflow_and_in_prefect(declared, settings, connected):
    train("topics")
    promote("topics", 1)
    told = (settings.cards / "topics" / "1.md").read_text()
    page = (settings.cards / "topics" / "1.html").read_text()
    published = httpx.get(f"{connected}/artifacts/card-topics/latest").json()
    registry = Registry(settings)
    version = registry.client.get_model_version("topics", "1")
    assert published["data"] == told
    assert version.tags["card"] == told[:5000]
    assert {one.path for one in registry.client.list_artifacts(version.run_id, "card")} == {"card/1.md", "card/1.html"}
    assert page.count("data:image/png;base64,") == 2
    assert "- **base**: " + declared.base.replace("_", "\\_") in told
    assert "- **language**: en" in told
    assert "- **of them from feedback**: 0" in told
    (link,) = [part.split(")")[0] for part in told.split("[Data Docs](")[1:]]
    assert (settings.cards / "topics" / link).resolve().exists()
    assert "not recorded" not in told.casefold()


def test_a_card_is_written_anew_and_says_what_is_gone(declared, settings, connected):
    versions = [registered(declared, settings, number) for number in (1, 2, 3)]
    for version in versions[:2]:
        judged(version, "promote", settings)
    assert "It was never judged" in explained("--version", "3")
    assert "topics version 2" in explained()
    assert rollback("topics").version == 1
    entry = Ledger(settings.ledger).champion("topics")
    assert "Made champion again" in (settings.cards / "topics" / "1.md").read_text()
    file = next(uri for uri in entry.evidence if uri.endswith(".json"))
    Path(file).write_text("{}")
    found = json.loads(explained("--json"))
    assert (found["version"], found["champion"], found["scorecard"]) == (1, 1, None)
    assert found["faults"] == [f"{file} was altered"]
    assert "was altered" in found["card"]
    assert [Path(one).name for one in found["files"]] == ["1.md", "1.html"]


def test_what_never_was_has_no_card(settings):
    for words, said in ((("--version", "7"), "no version 7"), ((), "has no champion yet")):
        failed = CliRunner().invoke(app, ["explain", "topics", *words])
        assert isinstance(failed.exception, UnknownVersion)
        assert said in str(failed.exception)
