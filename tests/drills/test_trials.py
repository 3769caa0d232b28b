"""Under load from several threads over real HTTP: swap, harmful canaries, a shadow. No request may fail."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from pipelines.ledger.ledger import Ledger
from tests.pipelines.serving.conftest import promote, running, until, write_package
from tests.pipelines.serving.rollout.conftest import CANARY, FAILS, OTHERWISE, SHADOW, challenge, trial

pytestmark = [pytest.mark.drill, pytest.mark.alone, pytest.mark.timeout(120)]
CLIENTS, CUSTOMERS = 4, 400
# A refusal for lack of time on a busy machine is no failure of a swap.
PATIENT = {"NEEDLOOP_DEADLINE": "0"}
TEXTS = {"bad": "negative", "so so": "neutral", "good good": "positive"}


@dataclass
class Load:
    """Predicts for many customers from several threads without a pause, with feedback on the answers."""

    url: str
    feedback: bool = False
    asked: int = 0
    failures: list = field(default_factory=list)
    answers: dict = field(default_factory=dict)  # (version, text): labels and scores
    seconds: dict = field(default_factory=dict)  # by version

    @contextmanager
    def running(self):
        done = threading.Event()
        threads = [threading.Thread(target=self._ask, args=(number, done)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            done.set()
            for thread in threads:
                thread.join()

    def _ask(self, number, done):
        turn = number
        with httpx.Client(base_url=self.url, timeout=30) as http:
            while not done.is_set():
                turn += CLIENTS
                text = list(TEXTS)[turn % len(TEXTS)]
                try:
                    self._once(http, text, f"c-{turn % CUSTOMERS}")
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    self.failures.append(repr(error))

    def _once(self, http, text, customer):
        begun = time.perf_counter()
        said = http.post("/v1/models/sentiment/predict", json={"texts": [text], "customer": customer})
        answer = said.raise_for_status().json()
        (one,) = answer["predictions"]
        self.asked += 1
        self.seconds.setdefault(answer["version"], []).append(time.perf_counter() - begun)
        self.answers.setdefault((answer["version"], text), set()).add((one["label"], one["score"]))
        if self.feedback:
            right = {"prediction": one["id"], "correct": one["label"] == TEXTS[text]}
            http.post("/v1/feedback", json=right).raise_for_status()


@pytest.fixture
def home(tmp_path):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def last(home):
    return Ledger(home / "ledger.jsonl").entries()[-1]


def report(capsys, what, load, seconds, more=""):
    with capsys.disabled():
        print(f"\n{what}: {seconds:.1f} s; {load.asked} requests from {CLIENTS} threads, none failed{more}")


def test_a_promotion_is_served_within_ten_seconds_and_a_rollback_gives_the_old_answers_byte_for_byte(home, capsys):
    other = write_package(home / "packages" / "2", **OTHERWISE)
    with running(home, **PATIENT) as service, Load(str(service.http.base_url)).running() as load:
        time.sleep(1)
        begun = time.monotonic()
        promote(home, 2, other)
        until(lambda: any(version == 2 for version, _ in list(load.answers)))
        swapped = time.monotonic() - begun
        time.sleep(1)
        begun = time.monotonic()
        before = dict(load.answers)
        load.answers.clear()
        promote(home, 1, home / "packages" / "1", event="rollback")
        until(lambda: service.predict("bad").json()["version"] == 1)
        back = time.monotonic() - begun
        load.answers.clear()
        time.sleep(1)
    assert load.failures == []
    assert {version for version, _ in load.answers} == {1}
    assert load.answers == {key: said for key, said in before.items() if key[0] == 1}
    report(capsys, "promotion", load, swapped, f"; the way back: {back:.1f} s, the same answers as before")


HARM = {
    "errors": (FAILS, False, "requests failed"),
    "latency": ({"work": 1500}, False, "requests were slow"),
    "satisfaction": (OTHERWISE, True, "customers were displeased"),
}


@pytest.mark.parametrize("guard", HARM)
def test_a_canary_that_does_harm_is_aborted_by_the_service_and_no_request_fails(home, capsys, guard):
    package, feedback, says = HARM[guard]
    with running(home, **PATIENT) as service, Load(str(service.http.base_url), feedback).running() as load:
        time.sleep(1)
        begun = time.monotonic()
        challenge(home, CANARY, **package)
        until(lambda: last(home).event.tag == "abort")
        aborted = time.monotonic() - begun
        time.sleep(0.5)
        load.answers.clear()
        time.sleep(1)
    entry = last(home)
    assert load.failures == []
    assert {version for version, _ in load.answers} == {1}
    assert (entry.version, entry.by.partition("@")[0]) == (2, "service")
    (reason,) = [one for one in entry.reasons if one.startswith(guard)]
    assert says in reason
    report(capsys, f"canary ({guard})", load, aborted, f"; {reason}")


def test_a_sound_canary_runs_on(home, capsys):
    challenge(home, CANARY)
    with running(home, **PATIENT) as service, Load(str(service.http.base_url), feedback=True).running() as load:
        time.sleep(8)
        guards = {one["guard"]: one for one in trial(service)["guards"]}
    assert load.failures == []
    assert last(home).event.tag == "canary"
    seen = guards["errors"]
    assert min(seen["challenger"]["trials"], seen["champion"]["trials"]) > 30
    shares = {name: (one["challenger"], one["champion"]) for name, one in guards.items()}
    report(capsys, "sound canary", load, 8, f"; {shares}")


def test_a_shadow_changes_no_answer(home, capsys):
    with running(home, **PATIENT) as service, Load(str(service.http.base_url)).running() as load:
        time.sleep(3)
        alone, begun = dict(load.answers), time.monotonic()
        quick = sorted(load.seconds.pop(1))
        challenge(home, SHADOW, **OTHERWISE, work=100)
        until(lambda: (trial(service) or {}).get("answers", 0) > 50)
        time.sleep(3)
        told_of, took = trial(service), time.monotonic() - begun
        shaded = sorted(load.seconds[1])
    assert load.failures == []
    assert load.answers == alone
    by_label = {one["label"]: one["agreement"] for one in told_of["labels"]}
    assert by_label == {"negative": 0, "neutral": 1, "positive": 0}
    medians = f"median {1e3 * quick[len(quick) // 2]:.1f} ms without, {1e3 * shaded[len(shaded) // 2]:.1f} ms with it"
    report(capsys, "shadow", load, took, f"; {told_of['answers']} shown, {told_of['dropped']} dropped; {medians}")
