"""No command, and no process that it starts, executes a file of the current folder, under any name."""

import json
import re
import subprocess
import sys

import pytest

from flows.processes.starting import answers_ok, wait_for
from pipelines.runtime.interpreter import MODULE
from tests.flows.conftest import NEEDLOOP
from tests.flows.environments import environment
from tests.flows.hostile import executed, hostile


@pytest.fixture
def folder(tmp_path):
    return hostile(tmp_path / "mine")


@pytest.fixture
def surroundings(settings):
    inherited = environment(settings)
    return {name: value for name, value in inherited.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}


def test_the_folder_catches_a_program_that_looks_there_first(folder, surroundings):
    command = [sys.executable, "-m", "flows.commands"]
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    assert done.returncode
    assert executed(folder)


def test_a_child_of_ours_does_not_look_there(folder, surroundings):
    done = subprocess.run(
        [*MODULE, "flows.commands", "keys", "list", "--json"],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, json.loads(done.stdout), executed(folder)) == (0, [], []), done.stderr


@pytest.mark.parametrize("words", [["doctor", "--json"], ["models", "--json"]])
def test_a_command_executes_nothing_of_it(folder, surroundings, words):
    done = subprocess.run([*NEEDLOOP, *words], cwd=folder, env=surroundings, capture_output=True, text=True)
    assert executed(folder) == [], done.stderr
    assert "a file of the user" not in done.stdout + done.stderr
    assert done.returncode in (0, 1)


def test_a_service_of_two_processes_executes_nothing_of_it(folder, surroundings):
    words, wanted = [*NEEDLOOP, "serve", "--port", "0"], surroundings | {"NEEDLOOP_WORKERS": "2"}
    with subprocess.Popen(words, cwd=folder, env=wanted, stdout=subprocess.PIPE, text=True) as service:
        told = service.stdout.readline()
        ready = re.search(r"http://[\d.:]+/", told)[0] + "readyz"
        # The parent of two processes writes the address before they listen.
        answered = wait_for(lambda: answers_ok(ready), lambda: service.poll() is None, 60)
        service.terminate()
    assert (answered, executed(folder)) == (True, [])
