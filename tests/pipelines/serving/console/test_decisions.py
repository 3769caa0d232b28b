import subprocess
import sys

import psutil
import pytest

from pipelines.serving.console import background_commands
from pipelines.serving.console.background_commands import BackgroundCommands, Busy
from tests.pipelines.serving.console.furniture import furnished

SENTIMENT = "/v1/models/sentiment"


@pytest.mark.parametrize(
    ("what", "body", "status", "said"),
    [
        ("promote", {"version": 2, "champion": 1}, 409, "is 3 now"),
        ("promote", {"version": 3, "champion": 3}, 409, "champion already"),
        ("promote", {"version": 9, "champion": 3}, 404, "no version 9"),
        ("promote", {"version": 2, "champion": 3, "reason": " "}, 422, "reason"),
        ("rollback", {"champion": 1, "reason": "bad"}, 409, "is 3 now"),
        ("rollback", {"champion": 3, "reason": "bad", "to": 2}, 409, "rolled back to version 2"),
        ("rollback", {"champion": 3}, 422, "reason"),
    ],
)
def test_nothing_is_started_that_could_not_be_meant(console, what, body, status, said):
    answer = console.ask("POST", f"{SENTIMENT}/{what}", json=body)
    assert answer.status_code == status
    assert said in answer.text
    assert console.get("/v1/work") == {"tasks": []}


@pytest.mark.parametrize("what", ["promote", "rollback"])
def test_only_admins_decide(console, what):
    body = {"version": 1, "champion": 3, "reason": "bad"}
    for scope in ("predict", "feedback", "review"):
        assert console.ask("POST", f"{SENTIMENT}/{what}", scope, json=body).status_code == 403


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Start a program in place of the command line."""

    def started(program):
        monkeypatch.setattr(background_commands, "COMMAND", (sys.executable, "-c", program))
        return BackgroundCommands(tmp_path / "logs")

    return started


STARTED_AND_LEFT = """
import sys
from pathlib import Path
from pipelines.serving.console import background_commands
background_commands.COMMAND = (sys.executable, "-c", "import time; time.sleep(60)")
background_commands.BackgroundCommands(Path(sys.argv[1])).start("sentiment", "promote")
"""


def running_commands(folder):
    return [one for one in BackgroundCommands(folder / "logs").commands() if one.exit_code is None]


def killed(task):
    process = psutil.Process(task.record.pid)
    process.kill()


def test_a_model_has_one_command_at_a_time_whichever_process_of_the_service_started_it(tmp_path, started, until):
    background = started("import time; time.sleep(60)")
    task = background.start("sentiment", "promote")
    beside = BackgroundCommands(tmp_path / "logs")
    try:
        with pytest.raises(Busy, match="promote of 'sentiment' is still running"):
            beside.start("sentiment", "rollback")
        killed(beside.start("intent", "promote"))
        assert {(one.record.model, one.exit_code) for one in background.commands()} >= {("sentiment", None)}
    finally:
        killed(task)
    until(lambda: [one.exit_code for one in beside.commands()] == [-9, -9])
    killed(beside.start("sentiment", "rollback"))


def test_a_command_whose_end_nobody_saw_is_said_to_be_lost(tmp_path, until):
    """The process that started the command ended first, as a stopped service does."""
    subprocess.run([sys.executable, "-c", STARTED_AND_LEFT, tmp_path / "logs"], check=True)
    (running,) = running_commands(tmp_path)
    killed(running)
    until(lambda: not running_commands(tmp_path))
    (found,) = BackgroundCommands(tmp_path / "logs").commands()
    assert (found.exit_code, "did not see" in found.error) == (background_commands.LOST, True)


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        ("print('done')", 0, ""),
        ("import sys; print('reasons'); sys.exit(3)", 3, ""),
        ("import sys; sys.exit('needloop: NoRollbackTarget: none')", 1, "needloop: NoRollbackTarget: none"),
    ],
    ids=["done", "refused", "failed"],
)
def test_how_a_command_ended_is_told(started, until, program, code, said):
    background = started(program)
    background.start("sentiment", "promote", "--version=2")
    until(lambda: next(background.commands()).exit_code is not None)
    (task,) = background.commands()
    assert (task.exit_code, task.error) == (code, said)
    task.log.unlink()
    assert ("is missing" in task.error) == bool(said)


def test_what_a_failed_command_said_is_told_to_admins_only(tmp_path, start, until):
    furnished(tmp_path)
    (tmp_path / "catalog.toml").write_text("no TOML, so every command fails")
    with start(tmp_path) as service:
        store = service.store
        keys = {scope: {"Authorization": f"Bearer {store.create_key(scope, [scope])}"} for scope in ("review", "admin")}
        body = {"champion": 3, "reason": "bad"}
        assert service.http.post(f"{SENTIMENT}/rollback", json=body, headers=keys["admin"]).status_code == 202

        def last_task(scope):
            (task,) = service.http.get("/v1/work", headers=keys[scope]).json()["tasks"]
            return task["code"], task["said"]

        until(lambda: last_task("admin")[0] is not None)
        code, said = last_task("admin")
        assert (code, "catalog" in said) == (1, True)
        assert last_task("review") == (1, "")
