"""No run executes a file that an earlier run left."""

import json
import pickle
from base64 import encodebytes
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_RESULTS_LOCAL_STORAGE_PATH, temporary_settings

from pipelines.ingestion.corpus import Corpus
from pipelines.workspace.settings import Settings
from tasks.ingestion import CORPUS, cached, corpus_key, ingest


class Bomb:
    """An object that makes a file when it is unpickled."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


@pytest.fixture(autouse=True)
def _prefect(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield


@pytest.fixture
def storage(settings):
    """The folder in which Prefect would store results."""
    folder = settings.home / "prefect" / "storage"
    folder.mkdir(parents=True)
    with temporary_settings({PREFECT_RESULTS_LOCAL_STORAGE_PATH: folder}):
        yield folder


def record(result, serializer):
    """The content of a result file in Prefect's format."""
    return json.dumps({"metadata": {"serializer": {"type": serializer}}, "result": result})


def test_a_result_of_an_older_home_is_never_opened(topics, settings, storage, tmp_path):
    exploded = tmp_path / "exploded"
    old = encodebytes(pickle.dumps(Bomb(exploded))).decode()
    (storage / corpus_key(topics, settings.workspace, ())).write_text(record(old, "pickle"))
    found = ingest(topics, settings.workspace)
    assert isinstance(found, Corpus)
    assert not exploded.exists()


def test_the_corpus_cache_is_json_of_one_type(topics, settings, tmp_path):
    first = ingest(topics, settings.workspace)
    (file,) = (settings.home / "cache" / "corpora").iterdir()
    assert CORPUS.validate_json(file.read_bytes()) == first == cached(file)
    exploded = tmp_path / "exploded"
    for content in (
        json.dumps([first.train.uri, first.test.uri]),  # the parameters in older homes
        json.dumps({"__class__": "subprocess.getoutput", "data": {"cmd": f"touch {exploded}"}}),
        pickle.dumps(Bomb(exploded)).decode("latin-1"),
        "",
    ):
        file.write_text(content, encoding="utf-8")
        assert cached(file) is None
        assert not exploded.exists()
    assert ingest(topics, settings.workspace) == first
    assert cached(file) == first


def test_a_cached_corpus_does_not_outlive_its_snapshots(topics, settings):
    found = ingest(topics, settings.workspace)
    (file,) = (settings.home / "cache" / "corpora").iterdir()
    Path(found.test.uri).unlink()
    assert cached(file) is None


def test_whoever_persists_a_result_writes_json():
    assert Settings(_env_file=None).environment()["PREFECT_RESULTS_DEFAULT_SERIALIZER"] == "json"
