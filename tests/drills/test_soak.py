"""Five minutes of predictions and feedback: nothing grows but the database, and nothing fails."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Event

import httpx
import psutil
import pytest

from tests.pipelines.serving.conftest import promote, running, write_package

SECONDS, CLIENTS, EVERY = 300, 4, 5
# Growth of the resident memory between the second minute and the last.
GROWTH = 1.05
# SQLite reuses a file that was closed while another connection held a lock: the files are as many as were ever open
# at once. A leak at one request in two thousand would be more than this.
FILES = 12


def predict_until(service, stop, seed):
    """Predict in batches of random size, with feedback: number of requests, of refusals, and unexpected statuses."""
    count, refused, failures, chance = 0, 0, [], random.Random(seed)
    while not stop.is_set():
        texts = [
            f"{chance.choice(['so', 'bad', 'good'])} {chance.random()}" for _ in range(chance.choice([1, 1, 2, 32]))
        ]
        answer = service.predict(*texts, customer=f"c-{chance.randrange(5000)}")
        said = {"prediction": answer.json()["predictions"][0]["id"], "label": "negative"} if answer.is_success else None
        answers = [answer, *([service.http.post("/v1/feedback", json=said)] if said else [])]
        refused += answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        failures += [
            one.status_code
            for one in answers
            if not one.is_success and one.status_code != httpx.codes.TOO_MANY_REQUESTS
        ]
        count += len(answers)
        time.sleep(0.02)
    return count, refused, failures


@pytest.mark.drill
@pytest.mark.timeout(SECONDS * 2)
def test_five_minutes_leave_no_trace_in_the_process(tmp_path, capsys):
    promote(tmp_path, 1, write_package(tmp_path / "package", work=60))
    stop, seen = Event(), []
    with running(tmp_path, own=True) as service, ThreadPoolExecutor(CLIENTS) as pool:
        process, begun = psutil.Process(service.process.pid), time.monotonic()
        clients = [pool.submit(predict_until, service, stop, seed) for seed in range(CLIENTS)]
        try:
            while (now := time.monotonic() - begun) < SECONDS:
                seen.append((now, process.memory_info().rss, process.num_fds(), process.num_threads()))
                time.sleep(EVERY)
        finally:
            stop.set()
        found = [one.result() for one in clients]
    early = [one for one in seen if SECONDS * 0.2 < one[0] < SECONDS * 0.3]
    late = [one for one in seen if one[0] > SECONDS * 0.9]
    count, refused = (sum(one[place] for one in found) for place in (0, 1))
    with capsys.disabled():
        print(f"\nsoak drill: {count} requests in {SECONDS} s, {refused} refused, {_told(early)}, then {_told(late)}")
    assert [failures for *_, failures in found] == [[]] * CLIENTS
    assert refused < 0.01 * count
    assert median(one[1] for one in late) < GROWTH * median(one[1] for one in early)
    assert median(one[2] for one in late) <= median(one[2] for one in early) + FILES
    assert median(one[3] for one in late) <= median(one[3] for one in early) + 1


def _told(samples):
    memory, files, threads = (median(one[place] for one in samples) for place in (1, 2, 3))
    return f"{memory / 2**20:.0f} MB, {files:.0f} files, {threads:.0f} threads"
