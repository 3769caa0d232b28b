from pathlib import Path

import pytest

from pipelines.ingestion import sources
from pipelines.ingestion.rows import UnusableSource


@pytest.mark.parametrize(
    "path", ["m.csv", "tickets 14:35.csv", "C:x.csv", "airline:m.csv", "a b/c#d.csv", "http:m.csv"]
)
def test_any_other_address_is_a_path_from_here(path):
    assert sources.address(path) == str(Path.cwd() / path)


def test_the_home_folder_and_file_addresses_are_paths():
    assert sources.address("~/m.csv") == str(Path.home() / "m.csv")
    assert sources.address("file:///data/m.csv") == "/data/m.csv"
    assert sources.address("log:app.log") == f"log:{Path.cwd() / 'app.log'}"


@pytest.mark.parametrize("uri", ["airline:", "tweets:", "tweets:others", "s3://b/k.csv", "hf://a/b?split=test"])
def test_our_schemes_stay_as_they_are(uri):
    assert sources.address(uri) == uri


@pytest.mark.parametrize("read", [sources.address, sources.identity, lambda uri: list(sources.rows(uri))])
@pytest.mark.parametrize(
    ("uri", "advice"),
    [
        ("http://shop.example/m.csv", "download it first, for example with curl"),
        ("HTTPS://shop.example/m.csv?key=1", "download it first, for example with curl"),
        ("gs://bucket/m.csv", "gs:// is not read; copy the file to this machine"),
        ("log:https://shop.example/app.log", "download it first"),
    ],
)
def test_nothing_is_fetched_from_elsewhere(uri, advice, read):
    with pytest.raises(UnusableSource, match=advice):
        read(uri)


@pytest.mark.parametrize("name", ["tickets 14:35.csv", "C:x.csv", "50% off.csv", "a#b.csv", "m.json#1.csv", "-1.csv"])
def test_a_file_with_such_a_name_is_read(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("text,label\nwhere is it,delivery\n")
    uri = sources.address(name)
    monkeypatch.chdir("/")

    assert [row.values["text"] for row in sources.rows(uri)] == ["where is it"]
    assert sources.identity(uri)
