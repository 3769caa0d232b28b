"""How often each label occurred in the last train snapshot that was found good."""

import json
import os
from pathlib import Path

from pipelines.catalog import ModelSpec


class BrokenPrior(ValueError):
    """A record of label shares that cannot be read."""


def prior_file(spec: ModelSpec, home: Path) -> Path:
    """Where the shares are kept; whoever deletes it accepts the next snapshot's shares, whatever they are."""
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
    return shares if set(shares) == set(spec.labels) else None


def remember(shares: dict[str, float], snapshot: str, spec: ModelSpec, home: Path) -> None:
    """Replace the remembered shares by those of the train snapshot with this digest, at once or not at all."""
    file = prior_file(spec, home)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(json.dumps({"snapshot": snapshot, "shares": shares}, indent=2), encoding="utf-8")
    draft.replace(file)
