"""The label shares of the champion's train snapshot, with which those of a new snapshot are compared."""

import json
import os
from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find


class BrokenPrior(ValueError):
    """A record of label shares that cannot be read."""


def prior_file(spec: ModelSpec, home: Path) -> Path:
    """The file with the champion's label shares. Without it any shares pass until a version is promoted."""
    return home / "validation" / f"{spec.name}.json"


def recall(spec: ModelSpec, home: Path) -> dict[str, float] | None:
    """The remembered shares; None for the first snapshot, and after the declared labels have changed."""
    file = prior_file(spec, home)
    if not file.exists():
        return None
    try:
        shares = {str(label): float(share) for label, share in json.loads(file.read_bytes())["shares"].items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BrokenPrior(f"{file} holds no label shares ({error!r}); delete it to start anew") from error
    return shares if find(spec.kind).suite.comparable(shares, spec.target) else None


def adopt(snapshot: str, spec: ModelSpec, home: Path) -> None:
    """Compare from now on with the train snapshot of this digest: its version became champion.

    Its shares are in the record of its validation; where an older one has none, the shares of before stay.
    """
    file = record(snapshot, spec, home)
    shares = json.loads(file.read_bytes()).get("shares") if file.exists() else None
    if shares:
        remember(shares, snapshot, spec, home)


def record(snapshot: str, spec: ModelSpec, home: Path) -> Path:
    """The JSON file with the result of a train snapshot's validation."""
    return home / "validation" / spec.name / f"{snapshot}.json"


def remember(shares: dict[str, float], snapshot: str, spec: ModelSpec, home: Path) -> None:
    """Replace the remembered shares by those of the train snapshot with this digest, at once or not at all."""
    file = prior_file(spec, home)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(json.dumps({"snapshot": snapshot, "shares": shares}, indent=2), encoding="utf-8")
    draft.replace(file)
