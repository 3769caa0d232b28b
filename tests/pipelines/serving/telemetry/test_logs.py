import json
import logging
import subprocess
import sys

import pytest

from pipelines.serving.telemetry.logs import REQUEST, JsonFormatter, write_line


def record(message, *values, error=None):
    return logging.LogRecord("pipelines.x", logging.ERROR, __file__, 1, message, values, error)


def failed():
    try:
        int("-".join(["xyzzy", "42"]))
    except ValueError:
        return sys.exc_info()


def test_a_record_is_one_line_of_json():
    said = JsonFormatter().format(record("%s\nwent wrong", "Ünit 1"))
    assert "\n" not in said
    assert json.loads(said)["message"] == "Ünit 1\nwent wrong"
    assert json.loads(said).keys() >= {"time", "level", "logger", "request"}


def test_of_an_error_its_type_and_place_are_told_and_not_its_message():
    said = JsonFormatter().format(record("broken", error=failed()))
    assert json.loads(said)["error"] == "ValueError"
    assert "test_logs" in json.loads(said)["place"]
    assert "xyzzy-42" not in said


def test_a_line_names_the_request_it_belongs_to(capsys):
    token = REQUEST.set("abc")
    try:
        write_line("answered", status=200)
    finally:
        REQUEST.reset(token)
    said = json.loads(capsys.readouterr().err)
    assert (said["request"], said["status"], said["message"]) == ("abc", 200, "answered")


@pytest.mark.parametrize("error", [OSError("no space left"), ValueError("I/O operation on closed file")])
def test_a_log_that_cannot_be_written_stops_no_answer(monkeypatch, error):
    class Broken:
        def write(self, _):
            raise error

    monkeypatch.setattr(sys, "stderr", Broken())
    write_line("answered")


def test_a_fresh_home_s_log_tells_nothing_of_alembic_s_plugins(tmp_path):
    made = f"Store('sqlite:///{tmp_path}/new.db')"
    logs = "from pipelines.serving.telemetry.logs import configure; configure()"
    code = f"{logs}; from pipelines.store.store import Store; {made}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "setup plugin" not in done.stderr
