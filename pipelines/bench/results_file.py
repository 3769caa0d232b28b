"""What was measured already: one JSON file a run, so that a benchmark that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.bench.part import Bench
from pipelines.storage import blobs

METHOD = "1"  # changes when the same recipe on the same data would be measured otherwise


def remembered(bench: Bench, file: Path, key: object, make: Callable[[], Any]) -> Any:
    """The plain value that `make` gave under this key on this machine, or gives now; `--fresh` makes it again."""
    if not bench.fresh and (known := recalled(file, key)) is not None:
        return known
    write(file, {"key": digest(key), "value": make()})
    return recalled(file, key)


def recalled(file: Path, key: object) -> Any:
    """The value under this key on this machine; none where it is not known."""
    found = read(file)
    return found["value"] if found and found["key"] == digest(key) else None


def digest(key: object) -> str:
    """The identity of a measurement: what was asked, by which method, on what machine."""
    # Here, since torch takes seconds to import, and a process that only makes trials asks for no identity.
    from pipelines.bench.machine import identity

    return hashlib.sha256(json.dumps([METHOD, identity(), key], sort_keys=True).encode()).hexdigest()


def read(file: Path) -> Any:
    """What a file holds; none where it is not there."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def write(file: Path, value: object) -> Path:
    """All of it or nothing."""
    blobs.write(json.dumps(value, indent=1, ensure_ascii=False).encode(), str(file))
    return file
