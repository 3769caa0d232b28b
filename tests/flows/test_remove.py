"""`needloop remove`: it asks on a terminal, and lists the data that stay."""

import pytest

from pipelines.catalog.catalog_file import declared_in
from tests.conftest import topics_model
from tests.flows.conftest import write_catalog
from tests.flows.in_process import needloop_here
from tests.pipelines.ledger.made import event

__all__ = ["needloop_here"]


@pytest.fixture
def declared(settings, tmp_path, tiny_encoder):
    write_catalog(topics_model(tmp_path / "topics.csv", tiny_encoder), settings)
    settings.workspace.ledger.append(event("promote", "topics", 2))
    return settings


def test_a_removal_says_that_the_champion_is_paused_and_what_stays(declared, needloop_here):
    done = needloop_here("remove", "topics", "--yes")
    assert done.out.splitlines() == [
        f"removed topics from {declared.catalog_file}",
        "its champion, version 2, is paused: the service abstains for topics until needloop resume topics",
        "kept: the ledger, 1 version, 0 answered texts, 0 feedback rows",
    ]
    assert declared_in(declared.catalog_file) == ()
    assert [entry.event.tag for entry in declared.workspace.ledger.entries()] == ["promote", "pause"]


def test_a_removal_as_json(declared, needloop_here):
    done = needloop_here("remove", "topics", "--yes", "--json").json()
    stored = {"versions": 1, "texts": 0, "feedback": 0}
    file = str(declared.catalog_file)
    assert done == {"model": "topics", "file": file, "paused": 2, "stored": stored, "built_in": False}


@pytest.mark.parametrize(("stdin", "terminal", "status"), [(b"n\n", True, 1), (b"", True, 1), (b"y\n", False, 2)])
def test_without_a_yes_nothing_is_removed(declared, needloop_here, stdin, terminal, status):
    failed = needloop_here("remove", "topics", stdin=stdin, terminal=terminal, status=status)
    assert ("It has 1 version" in failed.err) is terminal
    assert len(declared_in(declared.catalog_file)) == 1
    assert len(declared.workspace.ledger.entries()) == 1


def test_a_yes_on_a_terminal_removes_it(declared, needloop_here):
    needloop_here("remove", "topics", stdin=b"y\n", terminal=True)
    assert declared_in(declared.catalog_file) == ()


def test_a_built_in_model_stays(declared, needloop_here):
    assert "'intent' is built in and stays" in needloop_here("remove", "intent", "--yes", status=1).err
