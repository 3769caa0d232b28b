"""Packages given on the command line: `--package NAME=PATH`.

No ledger is read for them: the gate measures a version in such a service before its decision.
"""

from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipelines.inference.artefact import package_digest
from pipelines.serving.models.served import ServedVersion


class GivenPackages:
    """The given packages, each as version 1 of the model of its name."""

    declared = frozenset[str]()

    def __init__(self, packages: Mapping[str, Path]) -> None:
        self._packages, self._started_at = packages, datetime.now(UTC).isoformat(timespec="milliseconds")

    def changed(self) -> bool:
        """Return False: the packages never change."""
        return False

    def versions(self) -> Mapping[str, ServedVersion]:
        """Every given package, by name."""
        return {name: self._version(name, folder) for name, folder in self._packages.items()}

    def _version(self, name: str, folder: Path) -> ServedVersion:
        return ServedVersion(name, 1, self._started_at, str(folder), package_digest(folder), key=f"{name}={folder}")


def package(argument: str) -> tuple[str, Path]:
    """Parse NAME=PATH into a name and a folder. Raises ArgumentTypeError."""
    name, _, path = argument.partition("=")
    folder = Path(path)
    if not name or not path or not folder.is_dir():
        raise ArgumentTypeError(f"{argument!r} is not NAME=PATH with the path of an existing folder")
    return name, folder.absolute()
