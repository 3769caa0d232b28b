"""Every decision leaves a card: in the home, at the run in MLflow, in Prefect; a command writes it anew."""

import json
import os
import re
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.commands.app import app
from flows.promotion import rollback
from flows.training import train
from pipelines.card.tracing import UnknownVersion
from pipelines.ledger.ledger import Ledger
from pipelines.web.credentials import basic_auth_header
from tests.flows.homes import rewind
from tests.flows.versions import record_decision, registered

pytestmark = pytest.mark.timeout(300)

DEAD = re.compile(r"""\]\((?!https?:)|href=["'](?!https?:|#)""")  # links that lead nowhere from another server's page


@pytest.fixture
def connected(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield prefect_url


def published(url, key):
    """The artifacts under a key that runs of all tests on this server published."""
    asked = {"artifacts": {"key": {"any_": [key]}}}
    secret = basic_auth_header(os.environ["PREFECT_API_AUTH_STRING"])
    return [one["data"] for one in httpx.post(f"{url}/artifacts/filter", json=asked, headers=secret).json()]


def explained(*words):
    done = CliRunner().invoke(app, ["explain", "topics", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_a_decision_leaves_a_card_in_the_home_in_mlflow_and_in_prefect(
    trained, declared, settings, connected, tmp_path
):
    rewind(settings)
    train("topics")
    told = (settings.files.cards / "topics" / "1.md").read_text()
    page = (settings.files.cards / "topics" / "1.html").read_text()
    registry = settings.workspace.registry
    version = registry.client.get_model_version("topics", "1")
    told_elsewhere = re.sub(r": \[Data Docs\]\(../../([^)]*)\)", r". Data Docs: `\1` in the home of Needloop", told)
    assert told_elsewhere in published(connected, "card-topics")
    head = told_elsewhere[: told_elsewhere.index("in the home of Needloop")]
    assert head in version.description
    assert head in registry.client.get_run(version.run_id).data.tags["mlflow.note.content"]
    assert {one.path for one in registry.client.list_artifacts(version.run_id, "card")} == {"card/1.md", "card/1.html"}
    for name in ("card/1.md", "card/1.html"):
        found = registry.client.download_artifacts(version.run_id, name, str(tmp_path))
        assert not DEAD.search(Path(found).read_text()), name
    (place,) = re.findall("Data Docs: `(.*)` in the home of Needloop", told_elsewhere)
    (validation, *_) = (one for one in published(connected, "validation-topics") if place in one)
    assert (settings.home / place).is_file()
    assert not DEAD.search(validation)
    assert page.count("data:image/png;base64,") == 2
    assert "- **base**: " + declared.base_model.replace("_", "\\_") in told
    assert "- **language**: en" in told
    assert "- **of them from feedback**: 0" in told
    (link,) = [part.split(")")[0] for part in told.split("[Data Docs](")[1:]]
    assert (settings.files.cards / "topics" / link).resolve().exists()
    assert "not recorded" not in told.casefold()


def test_a_card_is_written_anew_and_says_what_is_gone(declared, settings, connected):
    versions = [registered(declared, settings, number) for number in (1, 2, 3)]
    for version in versions[:2]:
        record_decision(version, "promote", settings)
    assert "It was never judged" in explained("--version", "3")
    assert "topics version 2" in explained()
    assert rollback("topics").version == 1
    entry = Ledger(settings.files.ledger).champion("topics")
    assert "Made champion again" in (settings.files.cards / "topics" / "1.md").read_text()
    file = next(uri for uri in entry.files if uri.endswith(".json"))
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
