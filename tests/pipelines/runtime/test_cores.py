import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines.runtime.cores import MOUNT, cores

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has control groups")
ASK = "from pipelines.runtime.cores import cores; print(cores())"


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))


@pytest.fixture
def written(tmp_path):
    """Write a tree of control groups: the contents of its files, and the group of this process."""

    def write(ours, **files):
        for name, said in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{said}\n")
        (tmp_path / "ours").write_text(f"{ours}\n")
        return tmp_path, tmp_path / "ours"

    return write


@pytest.mark.parametrize(
    ("quota", "found"),
    [
        ("max 100000", 64),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("20000 100000", 1),
        ("25000 12500", 2),
        ("9900000 100000", 64),
        ("garbage", 64),
        ("0 100000", 1),
    ],
)
def test_a_quota_of_the_second_version_bounds_the_cores(written, many, quota, found):
    assert cores(*written("0::/", **{"cpu.max": quota})) == found


@pytest.mark.parametrize(
    ("quota", "found"), [("-1", 64), ("300000", 3), ("0", 64)], ids=["none", "three", "none that counts"]
)
def test_a_quota_of_the_first_version_bounds_the_cores(written, many, quota, found):
    files = {"cpu/pod/cpu.cfs_quota_us": quota, "cpu/pod/cpu.cfs_period_us": "100000"}
    assert cores(*written("3:cpuset:/other\n1:cpu,cpuacct:/pod", **files)) == found


def test_the_quota_of_a_group_around_ours_counts_too(written, many):
    assert cores(*written("0::/pod/box", **{"pod/cpu.max": "300000 100000", "pod/box/cpu.max": "max 100000"})) == 3


def test_a_container_sees_its_own_group_at_the_top(written, many):
    files = {"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}
    assert cores(*written("1:cpu:/docker/0123abc", **files)) == 4


def test_without_control_groups_all_cores_count(tmp_path, many):
    assert cores(tmp_path, tmp_path / "none") == 64


def test_the_cores_a_process_may_run_on_bound_it(monkeypatch, written):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 7})
    assert cores(*written("0::/", **{"cpu.max": "800000 100000"})) == 2


@pytest.fixture
def group():
    """A real control group with half a core's time."""
    group = MOUNT / "cpu" / f"needloop-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("no control groups of the first version that we may write")
    (group / "cpu.cfs_quota_us").write_text("50000")
    yield group
    with suppress(OSError):
        group.rmdir()


def test_a_real_process_in_a_real_group_sees_its_quota(group):
    command = [sys.executable, "-c", f"open({str(group / 'tasks')!r}, 'w').write('0'); {ASK}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert said.stdout.split() == ["1"]
