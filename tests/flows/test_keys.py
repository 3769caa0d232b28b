"""`needloop keys`, and the commands that show a key."""

import json
import os
import stat
import subprocess
import sys
from contextlib import nullcontext, suppress

import pytest

from flows.commands.keys import create
from flows.loop import loop
from flows.outcome import Outcome
from flows.processes.temporary_key import temporary_key
from flows.replay import NotAnswered, replay
from pipelines.catalog.built_in import BUILT_IN
from pipelines.ingestion.records import Record
from pipelines.promotion.verdict import Verdict
from pipelines.store import keyring
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings
from tests.flows.conftest import MAIN
from tests.flows.environments import environment
from tests.pipelines.serving.conftest import promote, running, write_package


@pytest.fixture
def keys(settings, forker):
    def run(*words, status=0):
        done = forker.run(MAIN, ["needloop", "keys", *words], environment(settings), settings.home, timeout=60)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def key_of(settings):
    return lambda secret: Store(settings.database).keyring().find(secret.strip())


def test_a_secret_is_printed_alone_once_and_works(keys, key_of):
    secret = keys("create", "web").stdout
    assert key_of(secret).scopes == {"predict", "feedback"}
    listed = keys("list").stdout + keys("list", "--json").stdout
    assert "web" in listed
    assert secret.strip() not in listed
    assert secret.split("_", 2)[2].strip() not in listed


def test_that_there_was_a_key_is_remembered_outside_the_database(keys, settings):
    keys("list")
    assert not keyring.is_marked(settings.home)
    keys("create", "two words", status=1)
    assert not keyring.is_marked(settings.home)
    keys("create", "web")
    assert stat.S_IMODE((settings.home / keyring.MARK_FILE).stat().st_mode) == 0o600
    for file in settings.home.glob("needloop.db*"):
        file.unlink()
    assert keyring.is_marked(settings.home)


def test_a_key_is_shown_also_where_nothing_else_can_be_written(settings, monkeypatch, capsys):
    monkeypatch.setattr(keyring, "mark", lambda _: os.open("/dev/null/nothing", os.O_WRONLY))
    create("web")
    shown = capsys.readouterr()
    assert Store(settings.database).keyring().find(shown.out.strip())
    assert "only the database has the key" in shown.err


def test_where_nobody_can_tell_there_was_a_key(tmp_path):
    (tmp_path / "home").write_text("no folder")
    assert keyring.is_marked(tmp_path / "home")
    assert not keyring.is_marked(tmp_path / "another")


def test_scopes_are_chosen_and_listed(keys, key_of):
    made = json.loads(keys("create", "desk", "--scope", "review", "--scope", "predict", "--json").stdout)
    assert key_of(made["secret"]).scopes == {"review", "predict"}
    (listed,) = json.loads(keys("list", "--json").stdout)
    assert listed["id"] == made["id"]
    assert listed["scopes"] == ["review", "predict"]
    assert listed["revoked"] is None


def test_a_rotated_and_a_revoked_secret_work_no_more(keys, key_of):
    old = keys("create", "web").stdout
    new = keys("rotate", "web").stdout
    assert key_of(old) is None
    assert key_of(new)
    assert "stays closed" in keys("revoke", "web").stdout
    assert key_of(new) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "web", "--scope", "root"), "choose from predict, feedback, review, admin"),
        (("create", "two words"), "letters"),
        (("rotate", "nobody"), "no valid key 'nobody'"),
        (("revoke", "nobody"), "no valid key 'nobody'"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_what_to_do(keys, words, said):
    assert said in keys(*words, status=1).stderr


@pytest.fixture
def locked(settings):
    """The address of a service that requires keys, and a key."""
    promote(settings.home, 1, write_package(settings.home / "package"))
    secret = Store(settings.database).create_key("web", ["predict", "feedback"])
    with running(settings.home) as service:
        yield str(service.http.base_url), secret


def test_the_commands_show_the_key_of_the_environment(locked, settings, forker):
    url, secret = locked
    command, surroundings = ["needloop", "predict", "sentiment", "so", "--url", url], environment(settings)
    refused = forker.run(MAIN, command, surroundings, settings.home, timeout=60)
    assert refused.returncode == 1
    assert "NEEDLOOP_API_KEY" in refused.stderr
    surroundings["NEEDLOOP_API_KEY"] = secret
    assert forker.run(MAIN, command, surroundings, settings.home, timeout=60).returncode == 0


SENTIMENT = next(spec for spec in BUILT_IN if spec.name == "sentiment")


def test_the_loop_shows_its_key_and_says_what_to_do_without_one(locked, settings, monkeypatch):
    url, secret = locked
    monkeypatch.setattr(
        "flows.replay.replay_traffic", lambda _: [Record(1, "so so", "neutral"), Record(2, "bad", "negative")]
    )
    with pytest.raises(NotAnswered, match="NEEDLOOP_API_KEY"):
        replay(SENTIMENT, settings, url)
    monkeypatch.setenv("NEEDLOOP_API_KEY", secret)
    assert replay(SENTIMENT, Settings(_env_file=None), url) == 2
    assert Store(settings.database).count_feedback("sentiment") == 2


def still_valid(settings):
    return [key.name for key in Store(settings.database).list_keys() if key.revoked is None]


def test_a_run_asks_its_own_service_with_a_key_of_its_own_that_ends_with_it(locked, settings, monkeypatch):
    monkeypatch.setattr("flows.replay.replay_traffic", lambda _: [Record(1, "so so", "neutral")])
    for flow in ("run_training", "run_retraining"):
        monkeypatch.setattr(f"flows.loop.{flow}", lambda model, cause: Outcome(model, Verdict.SKIPPED, "", 0.0))
    monkeypatch.setattr("flows.loop.api", lambda _: nullcontext(locked[0]))
    loop(["sentiment"], lambda _: None)
    assert Store(settings.database).count_feedback("sentiment") == 1
    made = Store(settings.database).list_keys()[-1]
    assert (made.name[:12], made.scopes) == ("needloop-run", ("predict", "feedback"))
    assert still_valid(settings) == ["web"]


def test_a_run_that_fails_leaves_no_key(settings):
    Store(settings.database).create_key("web", ["predict"])
    with suppress(ZeroDivisionError), temporary_key(settings):
        assert len(still_valid(settings)) == 2
        raise ZeroDivisionError
    assert still_valid(settings) == ["web"]


def test_a_run_makes_a_key_where_there_was_one_and_the_database_was_lost(settings):
    keyring.mark(settings.home)
    with temporary_key(settings) as shown:
        assert Store(settings.database).keyring().find(shown.api_key).scopes == {"predict", "feedback"}
    assert still_valid(settings) == []


def test_no_key_is_made_where_there_never_was_one(settings):
    with temporary_key(settings) as shown:
        assert shown is settings
    assert Store(settings.database).list_keys() == []


KILLED = """
import os
from flows.processes.temporary_key import temporary_key
from pipelines.workspace.settings import Settings
with temporary_key(Settings(_env_file=None)):
    os.kill(os.getpid(), 9)
"""


def test_the_key_of_a_killed_run_is_revoked_by_the_next_one_and_that_of_a_live_one_is_not(settings):
    Store(settings.database).create_key("web", ["predict"])
    subprocess.run([sys.executable, "-c", KILLED], env=environment(settings), timeout=60)
    (killed,) = set(still_valid(settings)) - {"web"}
    with temporary_key(settings):
        (live,) = set(still_valid(settings)) - {"web"}
        assert live != killed
        with temporary_key(settings):
            assert live in still_valid(settings)
    assert still_valid(settings) == ["web"]
