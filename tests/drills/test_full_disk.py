"""A disk that is really full: nothing is acknowledged without being stored; free space ends the problem."""

import os
import sqlite3
import subprocess

import pytest

from pipelines.ledger.ledger import Ledger
from tests.flows.conftest import NEEDLOOP
from tests.pipelines.serving.conftest import environment, promote, running, until, write_package

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]


@pytest.fixture
def disk(tmp_path):
    """A file system of 8 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "needloop", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk):
    """Fill the disk to the last byte."""
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(os.urandom(size))
            except OSError:
                continue


def row_counts(home):
    connection = sqlite3.connect(home / "needloop.db")
    try:
        return connection.execute(
            "SELECT (SELECT count(*) FROM predictions), (SELECT count(*) FROM feedback)"
        ).fetchone()
    finally:
        connection.close()


def test_a_full_disk_is_said_by_service_and_commands_and_is_over_when_there_is_room(disk, tmp_path):
    home = disk / "home"
    promote(home, 1, write_package(tmp_path / "package"))

    def needloop(*words):
        surroundings = environment(home)
        return subprocess.run([*NEEDLOOP, *words], capture_output=True, text=True, env=surroundings, cwd=tmp_path)

    with running(home) as service:
        predictions = [service.first(f"so {n}")["id"] for n in range(3)]
        fill(disk)
        until(lambda: service.http.get("/readyz").status_code == 503, seconds=90)
        assert "is full" in service.http.get("/readyz").json()["problems"]["the home"]
        for n in range(20):
            answer = service.predict(f"bad {n}")
            reaction = service.http.post("/v1/feedback", json={"prediction": predictions[0], "rating": 1})
            assert (answer.status_code, reaction.status_code) == (503, 503)
            assert answer.headers["retry-after"] == reaction.headers["retry-after"] == "5"
        done = needloop("pause", "sentiment")
        assert done.returncode == 1
        assert done.stderr.startswith(f"needloop: {home}"), done.stderr
        assert "full" in done.stderr, done.stderr
        assert (done.stdout, done.stderr.count("\n")) == ("", 1), done.stderr
        assert len(Ledger(home / "ledger.jsonl").entries()) == 1
        assert needloop("models").returncode == 0
        (disk / "ballast").unlink()
        until(lambda: service.http.get("/readyz").status_code == 200, seconds=90)
        for n in range(3):
            answer = service.predict(f"good {n}")
            body = {"prediction": predictions[n], "correct": True}
            reaction = service.http.post("/v1/feedback", json=body)
            assert (answer.status_code, reaction.status_code) == (200, 201), service.log.read_text()[-3000:]
        assert row_counts(home) == (6, 3)
        assert needloop("pause", "sentiment").returncode == 0
        until(lambda: service.first("bad")["abstained"], seconds=60)
