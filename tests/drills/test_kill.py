"""kill -9 at random moments under load: every acknowledged feedback is stored exactly once."""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import httpx
import pytest

from tests.conftest import free_port
from tests.pipelines.serving.conftest import environment, promote, until, write_package

KILLS, CLIENTS, SEED = 50, 4, 5
# After a broken connection the client repeats the request under the same key.
CUT_OFF = httpx.TransportError


class Killed:
    """A service on one port over one home; it is started again after each kill."""

    def __init__(self, home):
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        with (self.home / "log").open("a") as log:
            command = [sys.executable, "-m", "pipelines.serving", "--port", str(self.port)]
            surroundings = {"cwd": self.home, "env": environment(self.home)}
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **surroundings)
        until(self.answers, log=self.home / "log", process=self.process)

    def answers(self):
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200
        except CUT_OFF:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class Client:
    """Predicts and sends feedback without a pause; records the acknowledged feedback and the broken connections."""

    def __init__(self, url):
        self.http = httpx.Client(base_url=url, timeout=5)
        self.given, self.acknowledged, self.cut_off = [], {}, 0

    def talk(self, done):
        with self.http:
            while not done.is_set():
                self.say_once()

    def say_once(self):
        answer = self.insist("/v1/models/sentiment/predict", {"texts": ["so bad"]})
        id, key = answer.json()["predictions"][0]["id"], uuid4().hex
        said = self.insist("/v1/feedback", {"prediction": id, "label": "positive"}, key)
        self.acknowledged[key] = (id, said.json()["id"])
        self.given.append(id)

    def insist(self, path, body, key=""):
        while True:
            try:
                answer = self.http.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
            except httpx.ConnectError:
                time.sleep(0.05)  # it is being started again
            except CUT_OFF:
                self.cut_off += 1
            else:
                assert answer.is_success, answer.text
                return answer


@pytest.mark.drill
@pytest.mark.timeout(900)
def test_what_was_acknowledged_survives_every_kill_and_is_kept_once(tmp_path, capsys):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    service, chance, done, begun = Killed(tmp_path), random.Random(SEED), Event(), time.monotonic()
    clients = [Client(service.url) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        talks = [pool.submit(client.talk, done) for client in clients]
        try:
            service.start()
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.02, 0.7))
                service.kill()
                service.start()
            done.set()
            for talk in talks:
                talk.result(timeout=60)
        finally:
            done.set()
            service.kill()

    acknowledged = {key: kept for client in clients for key, kept in client.acknowledged.items()}
    with sqlite3.connect(tmp_path / "needloop.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT prediction, id FROM feedback").fetchall()
        answered = {id for (id,) in database.execute("SELECT id FROM predictions")}
    assert sorted(rows) == sorted(acknowledged.values())
    assert max(Counter(prediction for prediction, _ in rows).values()) == 1
    assert answered >= {id for client in clients for id in client.given}
    cuts = sum(client.cut_off for client in clients)
    assert cuts >= KILLS
    with capsys.disabled():
        print(
            f"\nkill drill: {KILLS} kills in {time.monotonic() - begun:.0f} s, {len(rows)} feedback acknowledged, "
            f"{cuts} requests cut off in the middle and sent again; none lost, none twice"
        )
