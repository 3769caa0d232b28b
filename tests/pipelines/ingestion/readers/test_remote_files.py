import gzip
import io

import pytest

from pipelines.ingestion.readers.source_file import SourceFile

CONTENTS = {
    "m.csv": "text,label\nOù est mon colis,réclamation\nça va,bien\n".encode("cp1252"),
    "m.csv.gz": gzip.compress("text,label\nOù est mon colis,réclamation\nça va,bien\n".encode("utf-16")),
    "m.json": '[{"text": "Où est mon colis", "label": "réclamation"}, {"text": "ça va", "label": "bien"}]'.encode(),
}


class Body(io.RawIOBase):
    """The bytes of an object as they arrive: they cannot be read twice."""

    def __init__(self, content):
        self._content = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._content.readinto(buffer)


@pytest.mark.parametrize("name", CONTENTS)
def test_an_object_is_read_as_a_file_is_and_never_written(name, pairs, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "pipelines.storage.s3.open_stream", lambda uri: io.BufferedReader(Body(CONTENTS[uri.rpartition("/")[2]]))
    )
    monkeypatch.chdir(tmp_path)

    assert pairs(f"s3://bucket/{name}") == [("Où est mon colis", "réclamation"), ("ça va", "bien")]
    assert list(tmp_path.iterdir()) == []


def test_parquet_of_an_object_is_read(pairs, monkeypatch):
    import pandas as pd

    written = io.BytesIO()
    pd.DataFrame({"text": ["a"], "label": [1]}).to_parquet(written)
    monkeypatch.setattr("pipelines.storage.s3.open_stream", lambda uri: io.BufferedReader(Body(written.getvalue())))

    assert pairs("s3://bucket/m.parquet") == [("a", 1)]


def test_a_file_can_be_opened_more_than_once(tmp_path):
    (tmp_path / "m.csv.gz").write_bytes(gzip.compress(b"text"))
    file = SourceFile(str(tmp_path / "m.csv.gz"))

    for _ in range(2):
        with file.open() as stream:
            assert stream.read() == b"text"
