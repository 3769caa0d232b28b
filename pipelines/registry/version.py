"""A registered version, read from its tags in MLflow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.home.addresses import resolve_address
from pipelines.kinds.known import target_of
from pipelines.kinds.target import Target


@dataclass(frozen=True)
class ModelVersion:
    """A registered version: addresses of package and weights, the package's digest, its last feedback row."""

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
    def of(cls, version: Any, home: Path) -> "ModelVersion":
        """From MLflow's version; addresses are resolved against the current home."""
        tags = version.tags
        return cls(
            name=version.name,
            version=int(version.version),
            run=version.run_id,
            location=resolve_address(tags["location"], home),
            weights=resolve_address(tags["weights"], home),
            digest=tags["digest"],
            snapshot=tags["snapshot"],
            rows=int(tags["rows"]),
            seconds=float(tags["seconds"]),
            feedback=int(tags["feedback"]),
            labels=_hashable(json.loads(tags["labels"])),
        )

    @property
    def target(self) -> Target:
        """The labels that it answers with."""
        return target_of(self.labels)


def _hashable(identity: Any) -> Any:
    return tuple(identity) if isinstance(identity, list) else identity


@dataclass(frozen=True)
class TrainingRun:
    """The run of a version's training: its parameters, and its last figures."""

    run: str
    parameters: Mapping[str, str]
    figures: Mapping[str, float]
