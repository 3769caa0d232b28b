"""Each shortcut of the serving path can be switched off, and the answers stay the same."""

import os
from pathlib import Path

import pytest

from pipelines.bench.serving.shortcut_benchmark import gain
from pipelines.serving.application import app
from pipelines.serving.shortcuts.fast_path import FastPathMiddleware
from pipelines.workspace.settings import SHORTCUTS, Settings
from pipelines.workspace.settings_errors import InvalidSettings
from tests.pipelines.serving.conftest import promote, running, write_package


@pytest.mark.parametrize("used", ["", "fast-path, cpu-pinning", ",".join(SHORTCUTS)], ids=["none", "two", "all"])
def test_a_setting_names_the_shortcuts_that_are_used(monkeypatch, used):
    monkeypatch.setenv("NEEDLOOP_SHORTCUTS", used)
    assert set(Settings(_env_file=None).shortcuts) == {name.strip() for name in used.split(",")} - {""}


def test_an_unknown_shortcut_is_refused(monkeypatch):
    monkeypatch.setenv("NEEDLOOP_SHORTCUTS", "fast-lane")
    with pytest.raises(InvalidSettings, match="fast-path"):
        Settings(_env_file=None)


def test_the_fast_path_is_left_out(settings):
    def layers(*shortcuts):
        used = settings.model_copy(update={"shortcuts": shortcuts})
        return [layer.cls for layer in app(used).user_middleware]

    assert FastPathMiddleware in layers(*SHORTCUTS)
    assert FastPathMiddleware not in layers("cpu-pinning")


def test_without_shortcuts_a_service_answers_keeps_and_asks_for_keys(tmp_path):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with running(tmp_path, NEEDLOOP_SHORTCUTS="") as service:
        secret = service.store.create_key("web", ("predict", "feedback"))
        headers = {"Authorization": f"Bearer {secret}"}
        path = "/v1/models/sentiment/predict"
        assert service.http.post(path, json={"texts": ["bad"]}).status_code == 401
        (answer,) = service.http.post(path, json={"texts": ["bad"]}, headers=headers).json()["predictions"]
        assert service.store.prediction(answer["id"]).label == answer["label"] == "negative"
        if hasattr(os, "sched_getaffinity"):
            everywhere = os.sched_getaffinity(0)
            threads = [task.name for task in Path(f"/proc/{service.process.pid}/task").iterdir()]
            assert all(os.sched_getaffinity(int(thread)) == everywhere for thread in threads)


def test_a_gain_is_the_mean_ratio_with_its_interval():
    measure = gain("fast-path", [110.0, 120.0, 130.0], [100.0, 100.0, 100.0])
    assert measure.value == pytest.approx(1.2)
    assert measure.low == pytest.approx(1.2 - 2 * 0.1 / 3**0.5)
    assert measure.high == pytest.approx(1.2 + 2 * 0.1 / 3**0.5)
