"""Started processes end with their users, in any order and for any cause."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from flows.processes import services
from flows.processes.services import process
from tests.flows.environments import environment
from tests.flows.processes.conftest import SLEEP

STARTER = """
import sys
from flows.processes.services import process
from pipelines.workspace.settings import Settings
with process("api", [sys.executable, "-c", "import time; time.sleep(60)"], Settings()) as child:
    print(child.pid, flush=True)
    sys.stdin.read()
"""
USER = """
import sys
from flows.processes.services import prefect_server
from pipelines.workspace.settings import Settings
with prefect_server(Settings().activate(), meanwhile=lambda: None) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def command(settings):
    """Start a script that prints one line, then waits until its input is closed."""
    begun = []

    def start(script):
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", script],
                env=environment(settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return begun[-1]

    yield start
    for one in begun:
        one.kill()
        one.communicate()


def runs(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def left(logs):
    return sorted(file.name for file in logs.glob("*.json"))


def orphaned(command):
    starter = command(STARTER)
    child = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    assert runs(child)
    return child


def test_what_a_killed_command_left_is_stopped_whatever_its_name(command, settings, logs):
    child = orphaned(command)
    with process("other", SLEEP, settings):
        assert not runs(child)
    assert left(logs) == []


def test_two_commands_run_a_service_of_one_name_in_one_home(command, settings, logs):
    other = command(STARTER)
    child = int(other.stdout.readline())
    with process("api", SLEEP, settings) as ours:
        assert runs(child)
        other.communicate("")
        assert other.returncode == 0
        assert runs(ours.pid)
        assert not runs(child)
    assert not runs(ours.pid)
    assert [file.name for file in logs.glob("*.log")] == ["api.log"]
    assert left(logs) == []


@pytest.mark.parametrize("torn", ["", '{"child": [1', '{"child": []}', "\0"])
def test_a_torn_record_stops_nobody(torn, settings, logs):
    for name in ("prefect.process.json", "prefect.1.process.json", "prefect.1.user.json"):
        (logs / name).write_text(torn)
    with process("api", SLEEP, settings) as child:
        assert runs(child.pid)
    assert not list(logs.glob("*.process.json"))


def test_a_stranger_who_got_the_number_of_a_dead_child_is_let_be(settings, logs):
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        (logs / "api.process.json").write_text(json.dumps({"child": [stranger.pid, 5.0], "parent": [1, 5.0]}))
        with process("other", SLEEP, settings):
            assert runs(stranger.pid)
        stranger.kill()
    assert left(logs) == []


def test_a_shared_service_outlives_its_starter_while_it_has_a_user(command, settings, logs):
    child = orphaned(command)
    with subprocess.Popen(SLEEP) as user:
        began = psutil.Process(user.pid).create_time()
        (logs / f"api.{user.pid}.user.json").write_text(json.dumps([user.pid, began]))
        with process("other", SLEEP, settings):
            assert runs(child)
        user.kill()
    with process("other", SLEEP, settings):
        assert not runs(child)
    assert left(logs) == []


def test_ctrl_c_while_the_record_is_written_leaves_no_child(monkeypatch, settings):
    seen = []

    def interrupted(_logs, _name, pid):
        seen.append(pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "write_record", interrupted)
    with pytest.raises(KeyboardInterrupt), process("api", SLEEP, settings):
        pass
    assert seen
    assert not runs(seen[0])


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("parting", [signal.SIGKILL, None], ids=["killed", "ended"])
def test_commands_of_one_home_share_one_prefect_server_until_the_last_leaves(parting, command, migrated, logs):
    both = [command(USER), command(USER)]
    first, second = (one.stdout.readline().strip() for one in both)
    assert first == second
    (record,) = logs.glob("prefect.*.process.json")
    server, starter = (json.loads(record.read_text())[key][0] for key in ("child", "parent"))
    early, late = sorted(both, key=lambda one: one.pid != starter)
    if parting:
        os.kill(early.pid, parting)
    early.communicate("")
    time.sleep(1)
    assert httpx.get(f"{second}/health").status_code == 200, "its starter is gone, its user is not"
    assert httpx.get(f"{second}/admin/version").status_code == 401, "nor is its secret"
    third = command(USER)
    assert third.stdout.readline().strip() == second, "and who comes later holds that secret"
    third.communicate("")
    late.communicate("")
    assert late.returncode == 0
    assert not runs(server)
    assert left(logs) == []


def test_only_the_owner_reads_the_pages_that_prefect_copies(prefect_url, prefect_home):
    """The pages come from a world-readable package, and `copytree` copies modes."""
    copied = [*(prefect_home / "cache" / "prefect-pages").rglob("*")]
    assert copied
    assert [path for path in copied if path.stat().st_mode & 0o077] == []
