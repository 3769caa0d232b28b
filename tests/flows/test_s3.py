"""The loop with its store in a bucket, behind an S3 server of our own that children reach over HTTP."""

import subprocess
import sys
import time
from contextlib import contextmanager

import boto3
import httpx
import pytest
from prefect.states import Failed

from flows.processes.starting import wait_until_healthy
from pipelines.ledger.ledger import Ledger
from pipelines.storage import blobs
from pipelines.workspace.settings import Settings
from tasks.retrying import is_transient
from tests.flows.conftest import outcomes
from tests.flows.environments import environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

STORE = "s3://loop/state/needloop"
PYFUNC = """
import mlflow, pandas
model = mlflow.pyfunc.load_model("models:/topics@champion")
print(model.predict(pandas.DataFrame({"text": ["my bag is lost, please help"]}))["label"][0])
"""


@pytest.fixture(scope="module")
def server():
    """The address of the S3 server."""
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def settings(server, monkeypatch):
    """Settings with a new bucket as store; MLflow's client reads AWS's own variables, as boto3 does."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": server, "NEEDLOOP_STORE": STORE}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "MLFLOW_S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    httpx.post(f"{server}/moto-api/reset")
    boto3.client("s3").create_bucket(Bucket="loop")
    return Settings(_env_file=None).activate()


@pytest.fixture
def topics_csv(settings, topics_csv):
    """The user's CSV, in the bucket and nowhere else."""
    uri = blobs.put(topics_csv, "s3://loop/in/topics.csv")
    topics_csv.unlink()
    return uri


def test_a_loop_in_a_bucket_learns_serves_and_learns_nothing_twice(declared, settings, needloop, tmp_path):
    (first,) = outcomes(needloop("train", "topics", "--json"))
    entry = Ledger(settings.files.ledger).champion("topics")
    package = {uri.rpartition("/")[2] for uri in in_bucket(entry.event.subject.location)}

    assert first["verdict"] == "promoted"
    assert entry.event.subject.location.startswith(f"{STORE}/artifacts/topics/")
    assert package == {"model.onnx", "tokenizer.json", "package.json", "recorded.json"}
    assert len(in_bucket(f"{STORE}/snapshots/topics")) >= 2
    assert any(uri.endswith("confusion.png") for uri in in_bucket(f"{STORE}/artifacts/topics"))
    assert rooms(settings.home, package) == {"cache", "scorecards"}  # `scorecards` are for people: lost texts, masked
    assert predict_lost_bag(settings, tmp_path) == ("topics", 1, "baggage")
    assert loaded(settings) == "baggage"

    (second,) = outcomes(needloop("train", "topics", "--json"))
    assert (second["reused"], second["version"]) == (True, first["version"])


def test_a_bucket_that_is_not_there_is_named(declared, needloop, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_STORE", "s3://elsewhere/state")
    failed = needloop("train", "topics", status=1)
    assert "s3://elsewhere/state/snapshots/topics" in failed.stderr
    assert "create its bucket" in failed.stderr


@pytest.mark.parametrize("verb", [blobs.load, blobs.exists, blobs.identity])
def test_a_server_that_cannot_be_reached_is_worth_trying_again(settings, verb, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ConnectionError, match=r"s3://loop/a cannot be reached.*127\.0\.0\.1:9") as error:
        verb("s3://loop/a")
    assert is_transient(None, None, Failed(data=error.value))


def in_bucket(prefix):
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="loop")
    found = [f"s3://loop/{entry['Key']}" for page in pages for entry in page.get("Contents", ())]
    return [uri for uri in found if uri.startswith(f"{prefix}/")]


def rooms(home, package):
    """Folders of the home that hold a piece of the package, its weights, a snapshot or the source."""
    data = (".safetensors", ".onnx", ".parquet", ".csv")
    files = [file for file in home.rglob("*") if file.name in package or file.suffix in data]
    return {file.relative_to(home).parts[0] for file in files}


def predict_lost_bag(settings, tmp_path):
    """The service's answer to a message about a lost bag: model, version, label."""
    address = tmp_path / "address"
    with serving(settings, address, tmp_path / "serving.log"):
        found = httpx.post(
            f"{address.read_text()}/v1/models/topics/predict", json={"texts": ["my bag is lost, please help"]}
        ).json()
    return found["model"], found["version"], found["predictions"][0]["label"]


@contextmanager
def serving(settings, address, log):
    command = [sys.executable, "-m", "pipelines.serving", "--port", "0", "--address-file", str(address)]
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=environment(settings), stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not address.exists():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        wait_until_healthy(child, f"{address.read_text()}/readyz", log, 60)
        yield
    finally:
        child.terminate()
        child.wait(timeout=20)


def loaded(settings):
    """The champion's answer through MLflow's own loader, in a fresh process."""
    done = subprocess.run([sys.executable, "-c", PYFUNC], env=environment(settings), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
