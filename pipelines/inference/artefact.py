"""Address of a packaged model: a folder (or S3 prefix) and the digest of its files."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pipelines.storage.blobs import fetch

REFERENCE_FILE = "recorded.json"  # texts with the answers of the trained network


class BrokenPackage(ValueError):
    """The package is missing, or differs from the one that was evaluated."""


def package_digest(folder: Path) -> str:
    """SHA-256 over the names, sizes and contents of all files, in order of their names."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def open_package(location: str, digest: str, cache: Path) -> Path:
    """Local folder with exactly the evaluated files; an S3 prefix is copied below `cache`. Raises BrokenPackage."""
    try:
        folder = fetch(location, cache / digest)
    except FileNotFoundError as error:
        raise BrokenPackage(
            f"{location} is missing: restore it, or run `needloop rollback MODEL` or `needloop train MODEL`"
        ) from error
    actual = package_digest(folder)
    if actual != digest:
        raise BrokenPackage(f"{location} was altered: its digest is {actual[:12]}, the ledger says {digest[:12]}")
    return folder


def read_package_metadata(folder: Path) -> dict[str, Any]:
    """Content of a package's `package.json`."""
    metadata: dict[str, Any] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return metadata
