import os
import sys
import threading

import pytest

from pipelines.serving.shortcuts.cpu_affinity import LOOK_SECONDS, CpuPinning, schedstat, wait_seconds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows which thread may run on which core")
CORES = os.sched_getaffinity(0) if sys.platform == "linux" else set()
several = pytest.mark.skipif(len(CORES) < 2, reason="there is only one core to be on")


def apart(work):
    """The result of a function in a fresh thread, which has its own affinity."""
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
def test_who_waits_for_its_core_leaves_it_for_a_while(tmp_path):
    def pinned():
        now, waited, seen = 0.0, 0.0, []
        file = schedstat(tmp_path)
        file.parent.mkdir(parents=True)
        mine = CpuPinning(0, len(CORES), tmp_path, lambda: now)
        for held_up in (0.1, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1):
            now += LOOK_SECONDS
            waited += held_up
            file.write_text(f"5000000000 {waited * 1e9:.0f} 700\n")
            mine.rebalance()
            seen.append(len(here()))
        return seen

    all_of_them = len(CORES)
    assert apart(pinned) == [1, 1, 1, *[all_of_them] * 5, 1, 1]


@several
def test_the_system_counts_how_long_a_thread_waited(tmp_path):
    def seconds_and_numbers():
        file = schedstat()
        return wait_seconds(file), len(file.read_text().split())

    waited, numbers = apart(seconds_and_numbers)
    assert 0 <= waited < 10
    assert numbers == 3  # seconds that it ran, seconds that it waited, and its turns
    (tmp_path / "schedstat").write_text("5000000000 1250000000 700\n")
    assert wait_seconds(tmp_path / "schedstat") == 1.25
    assert wait_seconds(tmp_path / "nowhere") == 0


def test_where_the_system_forbids_it_the_thread_works_on(monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    monkeypatch.setattr(os, "setpriority", forbidden)
    assert apart(lambda: CpuPinning(0, len(CORES)).rebalance()) is None
