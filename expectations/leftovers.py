"""What a killed run left half-written in the files of Great Expectations, which writes them in place."""

import json
from pathlib import Path


def clear(*folders: Path) -> None:
    """Remove every result, suite and page that is not whole: what is still needed is written again."""
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".json", ".html")]
    for file in files:
        if not _whole(file):
            file.unlink()


def _whole(file: Path) -> bool:
    if file.suffix == ".html":
        return file.read_bytes().rstrip().endswith(b"</html>")
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True
