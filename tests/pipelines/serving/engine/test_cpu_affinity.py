import os
import sys
import threading
from pathlib import Path

import pytest

from pipelines.serving.engine import cpu_affinity
from pipelines.serving.engine.cpu_affinity import CpuPinning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows which thread may run on which core")
CORES = os.sched_getaffinity(0) if sys.platform == "linux" else set()
several = pytest.mark.skipif(len(CORES) < 2, reason="there is only one core to be on")


def apart(work):
    """What a function gives in a thread of its own, whose place is its own too."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def here():
    return os.sched_getaffinity(threading.get_native_id())


@several
def test_a_thread_has_a_core_where_there_is_one_for_each():
    def settled(number, threads):
        CpuPinning(number, threads)
        return here()

    owned = [apart(lambda number=number: settled(number, len(CORES))) for number in range(len(CORES))]
    assert owned == [{core} for core in sorted(CORES)]
    assert apart(lambda: settled(0, len(CORES) + 1)) == CORES
    assert here() == CORES


@several
def test_who_waits_for_its_core_leaves_it_for_a_while(monkeypatch):
    def judged():
        clock, waited, seen = [0.0], [0.0], []
        monkeypatch.setattr(cpu_affinity.time, "monotonic", lambda: clock[0])
        monkeypatch.setattr(cpu_affinity, "_waited", lambda _: waited[0])
        mine = CpuPinning(0, len(CORES))
        for held_up in (0.1, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1):
            clock[0] += cpu_affinity.LOOK_SECONDS
            waited[0] += held_up
            mine.judge()
            seen.append(len(here()))
        return seen

    all_of_them = len(CORES)
    assert apart(judged) == [1, 1, 1, *[all_of_them] * 5, 1, 1]


@several
def test_the_system_counts_how_long_a_thread_waited():
    waited = apart(lambda: cpu_affinity._waited(Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")))
    assert 0 <= waited < 10
    assert cpu_affinity._waited(Path("/nowhere")) == 0


def test_where_the_system_forbids_it_the_thread_works_on(monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    monkeypatch.setattr(os, "setpriority", forbidden)
    assert apart(lambda: CpuPinning(0, len(CORES)).judge()) is None
