import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingestion import snapshot


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"key": ["b", "a"], "text": ["so, late", "café 👍"], "good": [True, False], "weight": [1.0, 0.1]}
    )


def test_what_is_written_is_read_in_order_of_keys(frame, tmp_path):
    stored = snapshot.write(frame, str(tmp_path))

    pd.testing.assert_frame_equal(snapshot.read(stored), frame.sort_values("key", ignore_index=True))
    assert (stored.rows, stored.uri) == (2, f"{tmp_path}/{stored.digest}.parquet")


def test_the_digest_is_of_the_content_and_of_nothing_else(frame, tmp_path):
    stored = snapshot.write(frame, str(tmp_path / "a"))

    assert snapshot.write(frame.iloc[::-1], str(tmp_path / "b")).digest == stored.digest
    for column, value in {"text": "so late", "good": True, "weight": 0.2}.items():
        assert snapshot.write(frame.assign(**{column: value}), str(tmp_path / "b")).digest != stored.digest
    assert snapshot.write(frame.rename(columns={"good": "bad"}), str(tmp_path / "b")).digest != stored.digest


def test_a_snapshot_is_written_once_and_leaves_no_other_file(frame, tmp_path):
    first = snapshot.write(frame, str(tmp_path))
    written = Path(first.uri).stat().st_mtime_ns
    snapshot.write(frame, str(tmp_path))

    assert Path(first.uri).stat().st_mtime_ns == written
    assert [file.name for file in tmp_path.iterdir()] == [f"{first.digest}.parquet"]


def test_a_changed_snapshot_is_refused_with_its_name_and_a_remedy(frame, tmp_path):
    stored = snapshot.write(frame, str(tmp_path))
    other = snapshot.write(frame.assign(text="tampered"), str(tmp_path))
    Path(stored.uri).write_bytes(Path(other.uri).read_bytes())

    with pytest.raises(snapshot.BrokenSnapshot, match=rf"{stored.digest}.*ingest its source again"):
        snapshot.read(stored)


def test_half_a_file_and_no_file_are_refused_too(frame, tmp_path):
    stored = snapshot.write(frame, str(tmp_path))
    Path(stored.uri).write_bytes(Path(stored.uri).read_bytes()[:100])
    with pytest.raises(snapshot.BrokenSnapshot, match="cannot be read"):
        snapshot.read(stored)

    Path(stored.uri).unlink()
    with pytest.raises(snapshot.BrokenSnapshot, match="is gone"):
        snapshot.read(stored)


def test_a_wrong_number_of_rows_is_refused(frame, tmp_path):
    with pytest.raises(snapshot.BrokenSnapshot):
        snapshot.read(replace(snapshot.write(frame, str(tmp_path)), rows=3))


def test_a_table_without_rows_is_a_table(frame, tmp_path):
    stored = snapshot.write(frame.iloc[:0], str(tmp_path))

    assert list(snapshot.read(stored).columns) == list(frame.columns)


CELLS = st.tuples(st.text(), st.text(), st.booleans(), st.floats(), st.integers(-9, 9))
NAMES = ("key", "text", "good", "weight", "line")


@given(st.lists(CELLS, min_size=1))
def test_the_digest_is_that_of_a_line_of_json_per_row(rows):
    table = pa.Table.from_pylist([dict(zip(NAMES, row, strict=True)) for row in rows])
    state = hashlib.sha256(json.dumps(NAMES).encode())
    for row in rows:
        state.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")

    assert snapshot.content_digest(table) == state.hexdigest()
