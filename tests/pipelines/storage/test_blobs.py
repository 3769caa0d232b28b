"""Local paths and an S3 server over HTTP, through the same functions; and a corpus from S3 to S3."""

import io
import re
import uuid
from pathlib import Path

import pandas as pd
import pytest

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import corpus, snapshot
from pipelines.storage import blobs
from pipelines.workspace.settings import Settings


@pytest.fixture(scope="session")
def server():
    """The address of an S3 server in this process."""
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    """`s3://` and a new bucket's name, reached by boto3's own settings (servers of one process share buckets)."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL_S3": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    name = f"storage-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    return f"s3://{name}"


@pytest.fixture(params=["disk", "s3"])
def place(request, tmp_path):
    """A folder, once on disk and once on S3."""
    return str(tmp_path / "place") if request.param == "disk" else f"{request.getfixturevalue('bucket')}/place"


@pytest.fixture
def model(tmp_path):
    """A folder with a file in a folder."""
    (tmp_path / "model" / "inner").mkdir(parents=True)
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "model" / "inner" / "weights.bin").write_bytes(b"\x00\x01")
    return tmp_path / "model"


def held(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_bytes_come_back(place):
    uri = blobs.write(b"one", f"{place}/a/b.bin")

    assert blobs.load(uri) == b"one"
    blobs.write(b"two", uri)
    assert blobs.load(uri) == b"two"


def test_a_folder_comes_back_whole(place, model, tmp_path):
    fetched = blobs.fetch(blobs.put(model, f"{place}/v1"), tmp_path / "cache")

    assert held(fetched) == held(model)
    assert fetched.name == "v1"


def test_a_file_comes_back_under_its_name(place, model, tmp_path):
    fetched = blobs.fetch(blobs.put(model / "config.json", f"{place}/kept.json"), tmp_path / "cache")

    assert (fetched.name, fetched.read_text()) == ("kept.json", "{}")


def test_what_is_deleted_does_not_exist_and_its_neighbours_do(place, model):
    blobs.put(model, f"{place}/v1")
    blobs.put(model, f"{place}/v10")
    blobs.delete(f"{place}/v1")
    blobs.delete(f"{place}/never")

    assert not blobs.exists(f"{place}/v1")
    assert blobs.exists(f"{place}/v10")
    assert blobs.exists(f"{place}/v10/config.json")
    blobs.delete(f"{place}/v10/config.json")
    assert not blobs.exists(f"{place}/v10/config.json")


def test_bytes_are_counted_by_address(place, model):
    blobs.put(model, f"{place}/v1")
    blobs.put(model, f"{place}/v10")

    assert blobs.sizes(f"{place}/v1") == {f"{place}/v1/config.json": 2, f"{place}/v1/inner/weights.bin": 2}
    assert blobs.size(f"{place}/v1/config.json") == 2
    assert blobs.size(place) == 8
    assert blobs.size(f"{place}/never") == 0


def test_the_identity_follows_the_content(place):
    uri = blobs.write(b"one", f"{place}/a.bin")
    first = blobs.identity(uri)

    assert blobs.identity(blobs.write(b"one", uri)) == first
    assert blobs.identity(blobs.write(b"two", uri)) != first


@pytest.mark.parametrize("verb", [blobs.load, blobs.identity, lambda uri: blobs.fetch(uri, Path("unused"))])
def test_what_is_not_there_is_named(place, verb):
    with pytest.raises(FileNotFoundError, match="gone"):
        verb(f"{place}/gone.bin")


def test_a_bucket_that_is_not_there_is_named(bucket):
    with pytest.raises(FileNotFoundError, match="s3://elsewhere/a"):
        blobs.load("s3://elsewhere/a")


def test_an_object_is_copied_once_and_again_when_it_changed(bucket, tmp_path):
    uri = blobs.write(b"one", f"{bucket}/a.bin")
    first, again = (blobs.fetch(uri, tmp_path / "cache") for _ in range(2))
    blobs.write(b"two", uri)
    changed = blobs.fetch(uri, tmp_path / "cache")

    assert first == again != changed
    assert (first.read_bytes(), changed.read_bytes()) == (b"one", b"two")


def test_no_object_leads_out_of_the_cache(bucket, tmp_path):
    blobs.write(b"boo", f"{bucket}/v1/../../boo")

    with pytest.raises(ValueError, match="leads out of its folder"):
        blobs.fetch(f"{bucket}/v1", tmp_path / "cache")
    assert not (tmp_path / "boo").exists()


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    uri = blobs.write(b"one", str(tmp_path / "a" / "b.bin"))
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        blobs.write(b"two", uri)
    assert held(tmp_path / "a") == {"b.bin": b"one"}


def test_a_folder_replaces_a_folder(model, tmp_path):
    blobs.put(model, str(tmp_path / "kept"))
    (model / "config.json").unlink()
    blobs.put(model, str(tmp_path / "kept"))

    assert held(tmp_path / "kept") == {"inner/weights.bin": b"\x00\x01"}


def rows():
    """Messages far from one another, two labels."""
    letters = "abcdefghijklmnopqrst"
    return [
        (" ".join(letters[n % 20] * 3 + chr(97 + (n * k) % 26) * k for k in range(2, 9)), n % 2) for n in range(100)
    ]


def encoded(form):
    frame = pd.DataFrame([(f"{text} {n} jane@example.org", f"l{label}") for n, (text, label) in enumerate(rows())])
    frame.columns = pd.Index(["text", "label"])
    stream = io.BytesIO()
    {
        "csv": lambda: frame.to_csv(stream, index=False),
        "jsonl": lambda: frame.to_json(stream, orient="records", lines=True),
        "parquet": lambda: frame.to_parquet(stream),
    }[form]()
    return stream.getvalue()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_corpus_comes_from_s3_and_goes_to_s3_without_a_trace_on_disk(form, bucket, tmp_path):
    uri = blobs.write(encoded(form), f"{bucket}/in/messages.{form}")
    gate = Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.05, min_gain_over_baseline=0.0)
    spec = ModelSpec(name="moods", labels=("l0", "l1"), source=Source(uri=uri), gate=gate)
    settings = Settings(home=tmp_path / "home", store=f"{bucket}/state")
    first, again = (corpus.ingest(spec, settings.workspace) for _ in range(2))
    test = snapshot.read(first.test)

    assert first == again
    assert first.train.uri == f"{bucket}/state/snapshots/moods/{first.train.digest}.parquet"
    report = first.report
    assert report.train + report.test + sum(report.left_out.values()) == 100
    assert test.text.str.contains("<EMAIL>").all()
    assert not list(tmp_path.rglob("*.parquet"))
    assert corpus.fingerprint(spec) != corpus.fingerprint(spec, "feedback")


def test_a_missing_object_is_no_corpus(bucket, tmp_path):
    gate = Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.05, min_gain_over_baseline=0.0)
    spec = ModelSpec(name="moods", labels=("a", "b"), source=Source(uri=f"{bucket}/gone.csv"), gate=gate)

    with pytest.raises(corpus.UnusableSource, match=re.escape(f"{bucket}/gone")):
        corpus.ingest(spec, Settings(home=tmp_path).workspace)


def test_a_snapshot_on_s3_that_was_changed_is_refused(bucket):
    stored = snapshot.write(pd.DataFrame({"key": ["a"], "text": ["b"]}), bucket)
    blobs.write(b"other", stored.uri)

    with pytest.raises(snapshot.BrokenSnapshot, match="ingest its source again"):
        snapshot.read(stored)
