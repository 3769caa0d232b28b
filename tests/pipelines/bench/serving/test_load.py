"""Load by the real wrk on a real service over a tiny package."""

import json
import shutil
from itertools import count

import pytest

from pipelines.bench.part import Bench
from pipelines.bench.serving import contest as contests
from pipelines.bench.serving import rising_load
from pipelines.bench.serving.contest import run_contest
from pipelines.bench.serving.contestant import Contestant, StartFailed, free_port, run_server
from pipelines.bench.serving.field import ServedChampion, our_contestant
from pipelines.bench.serving.load import NoLoad, arrivals, load
from pipelines.inference.artefact import package_digest
from pipelines.registry.version import ModelVersion
from tests.pipelines.serving.conftest import write_package

pytestmark = pytest.mark.skipif(not shutil.which("wrk"), reason="the load comes from wrk: apt-get install wrk")
TEXTS = [f"so {word}" for word in ("bad", "good", "so")] * 40


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Our service over a tiny package, as the benchmark starts it."""
    home = tmp_path_factory.mktemp("ours")
    package = write_package(home / "package")
    version = ModelVersion("sentiment", 1, "", str(package), "", package_digest(package), "", 0, 0.0, 0, ())
    return our_contestant("Needloop", [ServedChampion(version, package)], home / "home")


@pytest.fixture(scope="module")
def server(ours, tmp_path_factory):
    with run_server(ours, free_port(), TEXTS[0], tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture
def bodies(server, tmp_path):
    return server.bodies([[text] for text in TEXTS], tmp_path / "bodies")


def test_every_answer_is_counted_by_its_status(server, bodies):
    found = load(server.url, bodies, 4, 1)
    assert found.ok > 50
    assert found.refused == found.other == found.timeouts == found.broken == 0
    assert 0 < found.p50 <= found.p99
    assert found.rate == pytest.approx(found.ok / found.seconds)
    wrong = load(server.url.replace("sentiment", "sentimental"), bodies, 4, 1)
    assert wrong.ok == 0
    assert wrong.other > 0


def test_an_open_load_offers_its_rate_and_no_more(server, bodies):
    found = arrivals(server.url, bodies, 50, 3)
    assert 50 < found.ok < 300


def test_whoever_is_halted_takes_no_time_and_goes_on_afterwards(server, bodies):
    server.pause()
    begun = sum(server.process.cpu_times()[:2])
    with pytest.raises(NoLoad):
        load(server.url + "/nobody", bodies.with_name("missing"), 1, 1)
    assert sum(server.process.cpu_times()[:2]) == begun
    with server.resumed():
        assert load(server.url, bodies, 1, 1).ok > 20
    server.process.resume()


def test_the_same_rounds_are_run_for_everybody(ours, tmp_path, monkeypatch):
    monkeypatch.setattr(contests, "CONNECTIONS", (16,))
    monkeypatch.setattr(rising_load, "SHARES", (0.5, 3.0))
    said, rates = [], count(1)
    found = run_contest(
        [ours], TEXTS, Bench(None, tmp_path, said.append), rounds=2, seconds=1, model=lambda: next(rates)
    )
    (shown,) = found.results.values()
    assert {number: len(loads) for number, loads in shown.single.items()} == {16: 2}
    assert len(shown.batches) == len(found.model_rates) == 2
    assert shown.start > 0
    assert shown.megabytes > 10
    half, thrice = found.steps
    assert [load.timeouts for load in half.loads + thrice.loads] == [0] * 4
    assert half.answered
    assert any("starting Needloop" in line for line in said)


def test_a_server_that_does_not_come_up_says_why(tmp_path):
    broken = Contestant("broken", ("python", "-c", "raise SystemExit('no such model')"), "/", lambda texts: list(texts))
    with pytest.raises(StartFailed, match="no such model"), run_server(broken, free_port(), "so", tmp_path / "log"):
        pass


def test_bodies_are_what_the_contestant_takes(server, tmp_path):
    file = server.bodies([["so", "bad"], ["good"]], tmp_path / "bodies")
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"texts": ["so", "bad"]},
        {"texts": ["good"]},
    ]
