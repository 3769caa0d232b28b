from pathlib import Path

import pytest

from pipelines.workspace.settings import Settings
from pipelines.workspace.settings_errors import InvalidSettings


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
    with pytest.raises(InvalidSettings, match=r"^NEEDLOOP_RATE must be 0 or more; it is set in the environment"):
        Settings(_env_file=None)


WRONG = {
    "NEEDLOOP_RATE": ("xyzzy-42", "must be a number"),
    "NEEDLOOP_WORKERS": ("0", "must be 1 or more"),
    "NEEDLOOP_CACHE": ("1.5", "must be a whole number"),
    "NEEDLOOP_SHORTCUTS": ("fast-path,xyzzy-42", "must be 'fast-path', 'cpu-pinning'"),
    "NEEDLOOP_SHARDING": ("xyzzy-42", "must be 'ddp' or 'fsdp'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_told_by_its_variable_and_not_repeated(monkeypatch, name):
    value, words = WRONG[name]
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings) as failed:
        Settings(_env_file=None)
    assert str(failed.value).startswith(f"{name} {words}")
    assert "xyzzy-42" not in str(failed.value)


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("needloop.toml", b"rate = \n", "needloop.toml is no TOML: Invalid value"),
        ("needloop.toml", b"caf\xe9 = 1\n", "needloop.toml is not UTF-8"),
        ("needloop.toml", b"rate = 'x'\n", "NEEDLOOP_RATE must be a number"),
        (".env", b"NEEDLOOP_RATE=\xe9\n", ".env or needloop.toml is not UTF-8: save it as UTF-8"),
        (".env", b"NEEDLOOP_RATE=x\n", "NEEDLOOP_RATE must be a number"),
    ],
)
def test_a_file_of_settings_that_cannot_be_read_is_named(monkeypatch, tmp_path, file, content, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InvalidSettings) as failed:
        Settings()
    assert sentence in str(failed.value)
