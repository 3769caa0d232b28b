"""A registered version, as MLflow keeps it in a version's tags."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ModelVersion:
    """A registered version: where its package and weights lie, the package's digest, the last feedback row it saw."""

    name: str
    version: int
    run: str
    location: str
    weights: str
    digest: str
    snapshot: str
    rows: int
    seconds: float
    feedback: int
    labels: tuple[str, ...]

    @classmethod
    def of(cls, found: Any) -> "ModelVersion":
        """Ours from MLflow's."""
        tags = found.tags
        return cls(
            name=found.name,
            version=int(found.version),
            run=found.run_id,
            location=tags["location"],
            weights=tags["weights"],
            digest=tags["digest"],
            snapshot=tags["snapshot"],
            rows=int(tags["rows"]),
            seconds=float(tags["seconds"]),
            feedback=int(tags["feedback"]),
            labels=tuple(json.loads(tags["labels"])),
        )


@dataclass(frozen=True)
class Training:
    """The run that a version came from: its parameters as they were then, and its last figures."""

    run: str
    parameters: Mapping[str, str]
    figures: Mapping[str, float]
