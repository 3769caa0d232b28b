"""Alerts come from an extensible list of sources; each source brings its own texts for the page."""

import re

from starlette.testclient import TestClient

from pipelines.serving.application import app
from pipelines.serving.console.alerts import alert_sources
from pipelines.serving.console.alerts.alert_sources import SOURCES
from pipelines.store import signin
from pipelines.workspace.settings import Settings
from tests.pipelines.serving.console import silence


def test_every_kind_is_told_by_one_source_with_a_name_in_both_languages():
    kinds = [source.kind for source in SOURCES]
    assert kinds == ["problem", "paused", "trial", "abort", "aside", "audit", "schedule"]
    assert all(source.title.en and re.search("[\u4e00-\u9fff]", source.title.zh) for source in SOURCES)


def test_the_next_source_is_a_module_and_a_line(tmp_path, monkeypatch):
    monkeypatch.setattr(alert_sources, "SOURCES", (*SOURCES, silence.SOURCE))
    settings = Settings(home=tmp_path, _env_file=None).activate()
    secret = signin.link(tmp_path, "").partition("#token=")[2]
    headers = {"Authorization": f"Bearer {secret}"}
    with TestClient(app(settings), base_url="http://127.0.0.1", headers=headers) as client:
        alerts = client.get("/v1/loop").raise_for_status().json()["alerts"]
    told = [alert for alert in alerts if alert["kind"] == "silence"]  # Prefect alerts of other tests may be there
    assert [one["about"] for one in told] == ["sentiment", "intent"]
    assert told[0] | {"about": ""} == {
        "kind": "silence",
        "severity": "warn",
        "title": {"en": "nobody asks", "zh": "无人提问"},
        "about": "",
        "said": "nobody asked anything today",
        "answer": "",
    }
