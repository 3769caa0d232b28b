import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.serving.models.champions import Champions
from pipelines.serving.models.loading import load
from pipelines.serving.models.served import PromotedVersions
from pipelines.serving.telemetry.metrics import Metrics
from tests.pipelines.serving.conftest import record


@pytest.fixture
def home(tmp_path, promote, write_package):
    """A home whose champion of `sentiment` is version 1."""
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def champions(home, **more):
    return Champions(PromotedVersions(Ledger(home / "ledger.jsonl"), {}), home / "cache", Metrics(), **more)


def version(service):
    return service.http.get("/readyz").json()["models"].get("sentiment")


def problem(service):
    return service.http.get("/readyz").json()["problems"].get("sentiment", "")


def test_a_new_champion_takes_over_while_the_service_runs(home, start, promote, write_package, until):
    with start(home) as service:
        assert service.first("bad")["label"] == "negative"
        promote(home, 2, write_package(home / "packages" / "2", labels=("angry", "calm", "glad")))
        until(lambda: version(service) == 2)
        answer = service.predict("bad").json()
        assert (answer["version"], answer["predictions"][0]["label"]) == (2, "angry")


def test_a_first_champion_is_found_while_the_service_runs(tmp_path, start, promote, write_package, until):
    with start(tmp_path / "home") as service:
        promote(tmp_path / "home", 1, write_package(tmp_path / "package"))
        until(lambda: version(service) == 1)
        assert service.predict("so").status_code == 200


def broken(home, write_package):
    folder = write_package(home / "packages" / "2")
    (folder / "model.onnx").write_bytes(b"no model")
    return folder, None


def altered(home, write_package):
    return write_package(home / "packages" / "2"), "0" * 64


def missing(home, write_package):
    return home / "packages" / "nowhere", "0" * 64


@pytest.mark.parametrize("broken", [broken, altered, missing])
def test_a_broken_champion_leaves_the_one_before_in_place(home, start, promote, write_package, until, broken):
    with start(home) as service:
        folder, digest = broken(home, write_package)
        promote(home, 2, folder, digest=digest)
        until(lambda: "version 2" in problem(service))
        assert service.http.get("/readyz").status_code == 200
        assert service.predict("bad").json()["version"] == 1
        failures = 'needloop_champion_failures_total{model="sentiment"}'
        until(lambda: f"{failures} 0" not in service.http.get("/metrics").text)
        assert failures in service.http.get("/metrics").text
        assert "sentiment could not be loaded" in service.log.read_text()
        promote(home, 3, write_package(home / "packages" / "3"))
        until(lambda: version(service) == 3)
        assert problem(service) == ""


WRONG = {"bad": "neutral", "good": "negative", "so": "positive"}


@pytest.mark.parametrize(
    ("entry", "version_served"),
    [({"gate": "g"}, 1), ({"gate": "g", "override": "a campaign"}, 2), ({"gate": ""}, 2)],
    ids=["judged by the gate", "let pass by a person", "on trial"],
)
def test_a_package_that_answers_otherwise_than_was_recorded_takes_over_only_where_no_gate_stands_for_it(
    home, start, promote, write_package, until, entry, version_served
):
    with start(home) as service:
        promote(home, 2, record(write_package(home / "packages" / "2"), **WRONG), **entry)
        until(lambda: "3 of 3 recorded texts" in problem(service) or version(service) == 2)
        assert service.predict("bad").json()["version"] == version_served


DECLARED = """
[[model]]
name = "sentiment"
labels = ["negative", "neutral", "positive"]
source = { uri = "nowhere.csv", text = "text", label = "label" }
gate = { macro_f1 = 0.5, accuracy = 0.5, margin = 0.1, lead = 0.0, agreement = 1.0 }
"""


def test_how_much_may_be_answered_otherwise_than_was_recorded_is_declared(home, start, promote, write_package, until):
    (home / "catalog.toml").write_text(DECLARED)
    promote(home, 2, record(write_package(home / "packages" / "2"), **WRONG), gate="g")
    with start(home) as service:
        until(lambda: version(service) == 2)
        assert problem(service) == ""


def test_a_service_that_cannot_load_its_only_champion_is_not_ready(home, start):
    shutil.rmtree(home / "packages" / "1")
    with start(home) as service:
        ready = service.http.get("/readyz")
        assert ready.status_code == 503
        assert "missing" in ready.json()["problems"]["sentiment"]
        answer = service.predict("bad")
        assert answer.status_code == 503
        assert "/readyz" in answer.json()["detail"]


def test_a_ledger_that_was_tampered_with_is_not_believed(home, start, promote, write_package, until):
    ledger = home / "ledger.jsonl"
    promote(home, 2, write_package(home / "packages" / "2"))
    with start(home) as service:
        ledger.write_text(ledger.read_text().replace('"version": 1', '"version": 7'))
        until(lambda: service.http.get("/readyz").json()["problems"])
        assert "altered" in service.http.get("/readyz").json()["problems"]["the ledger"]
        assert service.predict("bad").json()["version"] == 2
    with start(home) as service:
        assert service.http.get("/readyz").status_code == 503
        assert service.predict("bad").status_code == 503


def test_a_ledger_that_lost_its_last_entry_changes_nothing(home, start, promote, write_package, until):
    """The rest is a whole and signed chain: only a reader of the lost entry can notice the loss."""
    promote(home, 2, write_package(home / "packages" / "2"))
    ledger = home / "ledger.jsonl"
    with start(home) as service:
        whole = ledger.read_text()
        ledger.write_text(whole.splitlines(keepends=True)[0])
        until(lambda: service.http.get("/readyz").json()["problems"])
        assert "lost entries" in service.http.get("/readyz").json()["problems"]["the ledger"]
        assert service.predict("bad").json()["version"] == 2
        ledger.write_text(whole)
        until(lambda: not service.http.get("/readyz").json()["problems"])


def test_a_request_ends_on_the_champion_it_began_with(tmp_path, start, promote, write_package, until):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1", work=900))
    second = write_package(tmp_path / "packages" / "2", labels=("angry", "calm", "glad"))
    with start(tmp_path) as service, ThreadPoolExecutor(1) as thread:
        begun = thread.submit(service.predict, *(f"bad {n}" for n in range(200)))
        time.sleep(0.3)
        promote(tmp_path, 2, second)
        until(lambda: version(service) == 2)
        assert not begun.done()
        answer = begun.result(timeout=30).json()
        assert answer["version"] == 1
        assert {one["label"] for one in answer["predictions"]} == {"negative"}


def test_a_library_that_panics_is_a_failure_like_any_other(home):
    def panics(*_):
        raise SystemExit  # like a panic of Rust, it is no Exception

    board = champions(home, load_package=panics)
    board.refresh()
    assert "version 1" in board.served.errors["sentiment"]
    assert "being loaded" not in board.served.errors["sentiment"]
    assert not board.due()


def test_a_champion_that_is_long_in_coming_keeps_no_other_waiting(home, monkeypatch, promote, write_package):
    monkeypatch.setattr("pipelines.serving.models.loading.WAIT_SECONDS", 0.1)
    go = Event()

    def slow(entry, cache):
        if entry.version == 2:
            go.wait(60)
        return load(entry, cache)

    board = champions(home, load_package=slow)
    while not board.served.loaded:
        board.refresh()
    promote(home, 2, write_package(home / "packages" / "2"))
    board.refresh()
    assert (board.find("sentiment").entry.version, board.due()) == (1, True)
    promote(home, 1, write_package(home / "packages" / "mood"), model="mood")
    promote(home, 3, write_package(home / "packages" / "3"))
    while board.served.errors:
        board.refresh()
    assert {model: one.entry.version for model, one in board.served.loaded.items()} == {"sentiment": 3, "mood": 1}
    go.set()
    while board.due():
        board.refresh()
    assert board.find("sentiment").entry.version == 3, "what came too late takes nobody's place"


def test_what_failed_is_tried_again_after_a_while(home, monkeypatch):
    board = champions(home)
    (home / "packages").rename(home / "hidden")
    board.refresh()
    (home / "hidden").rename(home / "packages")
    assert not board.due()
    monkeypatch.setattr("pipelines.serving.models.champions.RETRY_SECONDS", 0)
    assert board.due()
    board.refresh()
    assert board.find("sentiment").entry.version == 1
    assert not board.due()
