from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.workspace.settings import Settings


def test_everything_lies_under_the_home(settings):
    children = settings.environment()
    for name in ("PREFECT_HOME", "HF_HOME", "MPLCONFIGDIR", "NEEDLOOP_CATALOG"):
        assert Path(children[name]).is_relative_to(settings.home)
    assert settings.database == f"sqlite:///{settings.home}/needloop.db"
    assert children["MLFLOW_TRACKING_URI"] == f"sqlite:///{settings.home}/mlflow.db"


def test_servers_come_by_settings_alone(monkeypatch):
    monkeypatch.setenv("NEEDLOOP_DATABASE_URL", "postgresql+psycopg://needloop@db/needloop")
    monkeypatch.setenv("NEEDLOOP_STORE", "s3://bucket/prefix/")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    settings = Settings(_env_file=None)
    assert settings.database.startswith("postgresql")
    assert settings.storage == "s3://bucket/prefix"
    assert settings.tracking_uri == "http://mlflow:5000"


def test_telemetry_is_off_unless_the_user_turns_it_on(monkeypatch):
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    settings = Settings(_env_file=None)
    off = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    off |= {"ORT_DISABLE_TELEMETRY": "1"}
    assert off.items() <= settings.environment().items()
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    assert settings.environment()["MLFLOW_DISABLE_TELEMETRY"] == "false"


def test_reading_settings_makes_no_folder(tmp_path):
    assert not Settings(_env_file=None).home.exists()


@pytest.mark.parametrize(
    ("named", "hosts"),
    [("", ()), ("a.example", ("a.example",)), (" a.example, b.example,", ("a.example", "b.example"))],
)
def test_names_are_told_with_commas(monkeypatch, named, hosts):
    monkeypatch.setenv("NEEDLOOP_HOSTS", named)
    assert Settings(_env_file=None).hosts == hosts


def test_a_rate_is_not_negative(monkeypatch):
    monkeypatch.setenv("NEEDLOOP_RATE", "-1")
    with pytest.raises(ValidationError, match="rate"):
        Settings(_env_file=None)
