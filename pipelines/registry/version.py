"""A registered version, as MLflow keeps it in a version's tags."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.home.addresses import resolved
from pipelines.kinds.known import target_of
from pipelines.kinds.target import Target


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
    labels: Any  # the identity of its target, as JSON

    @classmethod
    def of(cls, found: Any, home: Path) -> "ModelVersion":
        """Ours from MLflow's; its files are looked for where the home lies now."""
        tags = found.tags
        return cls(
            name=found.name,
            version=int(found.version),
            run=found.run_id,
            location=resolved(tags["location"], home),
            weights=resolved(tags["weights"], home),
            digest=tags["digest"],
            snapshot=tags["snapshot"],
            rows=int(tags["rows"]),
            seconds=float(tags["seconds"]),
            feedback=int(tags["feedback"]),
            labels=_hashable(json.loads(tags["labels"])),
        )

    @property
    def target(self) -> Target:
        """What it answers."""
        return target_of(self.labels)


def _hashable(identity: Any) -> Any:
    return tuple(identity) if isinstance(identity, list) else identity


@dataclass(frozen=True)
class Training:
    """The run that a version came from: its parameters as they were then, and its last figures."""

    run: str
    parameters: Mapping[str, str]
    figures: Mapping[str, float]
