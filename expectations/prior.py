"""The label shares of the champion's train snapshot, the reference for those of a new snapshot."""

import json
import os
from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind


class BrokenPrior(ValueError):
    """A file of label shares cannot be read."""


def prior_file(spec: ModelSpec, home: Path) -> Path:
    """The file with the champion's label shares. Without it any shares pass until the next promotion."""
    return home / "validation" / f"{spec.name}.json"


def read_shares(spec: ModelSpec, home: Path) -> dict[str, float] | None:
    """The champion's label shares; None for a first snapshot, or if the declared labels have changed."""
    file = prior_file(spec, home)
    if not file.exists():
        return None
    try:
        shares = {str(label): float(share) for label, share in json.loads(file.read_bytes())["shares"].items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BrokenPrior(
            f"{file} holds no label shares ({error!r}); delete it to accept any shares until the next promotion"
        ) from error
    return shares if find_kind(spec.kind).suite.comparable(shares, spec.target) else None


def adopt_shares(snapshot: str, spec: ModelSpec, home: Path) -> None:
    """Make the train snapshot with this digest the reference, because its version became champion.

    Its shares come from the result of its validation; if an older result has none, the reference stays as it is.
    """
    file = result_file(snapshot, spec, home)
    shares = json.loads(file.read_bytes()).get("shares") if file.exists() else None
    if shares:
        write_shares(shares, snapshot, spec, home)


def result_file(snapshot: str, spec: ModelSpec, home: Path) -> Path:
    """The JSON file with the result of a train snapshot's validation."""
    return home / "validation" / spec.name / f"{snapshot}.json"


def write_shares(shares: dict[str, float], snapshot: str, spec: ModelSpec, home: Path) -> None:
    """Replace the reference shares atomically by those of the train snapshot with this digest."""
    file = prior_file(spec, home)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(json.dumps({"snapshot": snapshot, "shares": shares}, indent=2), encoding="utf-8")
    draft.replace(file)
