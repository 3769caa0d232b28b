from pathlib import Path

import pytest

from pipelines.home.addresses import NotOwned, is_owned, require_owned
from pipelines.home.paths import Files

BUCKET = "s3://bucket/prefix"


@pytest.mark.parametrize(
    ("address", "own"),
    [
        (f"{BUCKET}/snapshots/a.parquet", True),
        (f"{BUCKET}/../other/a.parquet", False),
        (f"{BUCKET}-of-another/a.parquet", False),
        (BUCKET, False),
        ("home/cards/1.md", True),
        ("home/../elsewhere", False),
        ("home", False),
    ],
)
def test_ours_is_what_lies_below_the_home_or_its_store(tmp_path: Path, address: str, own: bool) -> None:
    files = Files(tmp_path / "home", BUCKET)
    place = address if "://" in address else str(tmp_path / address)
    assert is_owned(place, files) is own
    if not own:
        with pytest.raises(NotOwned, match="it was not touched"):
            require_owned([place], files)
