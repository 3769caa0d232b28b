import pytest

from pipelines.ingestion import sources
from pipelines.ingestion.rows import Note, Rejected, SourceRow


@pytest.fixture
def file(tmp_path):
    """Write a file of text or bytes and return its address."""

    def write(name, content, encoding="utf-8"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return str(tmp_path / name)

    return write


@pytest.fixture
def pairs():
    """Text and label of every row of a source; no row may be rejected."""

    def read(uri, text="text", label="label", **options):
        items = list(sources.rows(uri, (text, label), **options))
        assert not [item for item in items if isinstance(item, Rejected)], items
        return [(item.values[text], item.values[label]) for item in items if isinstance(item, SourceRow)]

    return read


@pytest.fixture
def notes():
    """The notes about a source."""

    def read(uri, **options):
        return [item.text for item in sources.rows(uri, ("text", "label"), **options) if isinstance(item, Note)]

    return read


@pytest.fixture
def rejected():
    """Line and reason of every rejected row."""

    def read(uri):
        return [(item.line, item.reason) for item in sources.rows(uri, ("text", "label")) if isinstance(item, Rejected)]

    return read
