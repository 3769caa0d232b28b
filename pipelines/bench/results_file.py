"""Cache of measurements, one JSON file a run, so that a stopped benchmark resumes."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.bench.part import Bench
from pipelines.storage import blobs

METHOD = "1"  # changed if the method of measurement changes


def load_or_compute(bench: Bench, file: Path, key: object, make: Callable[[], Any]) -> Any:
    """The cached value of this key on this machine, or the new value of `make`; `--fresh` computes it again."""
    if not bench.fresh and (cached := load_cached(file, key)) is not None:
        return cached
    write(file, {"key": cache_key(key), "value": make()})
    return load_cached(file, key)


def load_cached(file: Path, key: object) -> Any:
    """The cached value of this key on this machine; None if there is none."""
    document = read(file)
    return document["value"] if document and document["key"] == cache_key(key) else None


def cache_key(key: object) -> str:
    """SHA-256 of the method, the machine and the inputs of a measurement."""
    # Imported here: torch takes seconds to import, and processes for trials need no identity.
    from pipelines.bench.machine import identity

    return hashlib.sha256(json.dumps([METHOD, identity(), key], sort_keys=True).encode()).hexdigest()


def read(file: Path) -> Any:
    """The content of a file; None if it does not exist."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def write(file: Path, value: object) -> Path:
    """Write a file atomically."""
    blobs.write(json.dumps(value, indent=1, ensure_ascii=False).encode(), str(file))
    return file
