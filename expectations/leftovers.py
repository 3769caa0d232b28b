"""Removal of incomplete files of a killed run: Great Expectations writes its files in place."""

import json
from pathlib import Path


def remove_incomplete(*folders: Path) -> None:
    """Remove every incomplete result, suite and page; the next validation writes the needed ones again."""
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".json", ".html")]
    for file in files:
        if not _is_complete(file):
            file.unlink()


def _is_complete(file: Path) -> bool:
    if file.suffix == ".html":
        return file.read_bytes().rstrip().endswith(b"</html>")
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True
