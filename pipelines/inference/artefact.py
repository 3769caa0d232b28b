"""The packaged model as an address: a folder (or S3 prefix) and the digest of what it holds."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pipelines.storage.blobs import fetch

RECORDED = "recorded.json"  # texts, and what the trained network answered to them


class BrokenPackage(ValueError):
    """A package that is missing, or is not the one that was judged."""


def package_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files, in order of their names."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def open_package(location: str, digest: str, cache: Path) -> Path:
    """A local folder with exactly the judged files; an S3 prefix is copied below `cache`."""
    try:
        folder = fetch(location, cache / digest)
    except FileNotFoundError as error:
        raise BrokenPackage(
            f"{location} is missing; restore it, or go back: needloop rollback, or train again"
        ) from error
    found = package_digest(folder)
    if found != digest:
        raise BrokenPackage(f"{location} was altered: its digest is {found[:12]}, the ledger says {digest[:12]}")
    return folder


def card(folder: Path) -> dict[str, Any]:
    """What a package says of itself."""
    found: dict[str, Any] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return found
