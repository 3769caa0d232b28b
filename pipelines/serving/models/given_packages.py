"""Packages that are served because whoever starts the service names them: `--package NAME=PATH`.

Nothing was decided about them, so no ledger is read: the gate has a version answer here before it decides.
"""

from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipelines.inference.artefact import package_digest
from pipelines.serving.models.served import ServedVersion


class GivenPackages:
    """The given packages, each as version 1 of the model that it is named after."""

    declared = frozenset[str]()

    def __init__(self, packages: Mapping[str, Path]) -> None:
        self._packages, self._since = packages, datetime.now(UTC).isoformat(timespec="milliseconds")

    def changed(self) -> bool:
        """Never: they are given once."""
        return False

    def versions(self) -> Mapping[str, ServedVersion]:
        """Every package that was given."""
        return {name: self._version(name, folder) for name, folder in self._packages.items()}

    def _version(self, name: str, folder: Path) -> ServedVersion:
        return ServedVersion(name, 1, self._since, str(folder), package_digest(folder), key=f"{name}={folder}")


def package(argument: str) -> tuple[str, Path]:
    """Name and folder of NAME=PATH. Raises ArgumentTypeError."""
    name, _, path = argument.partition("=")
    folder = Path(path)
    if not name or not path or not folder.is_dir():
        raise ArgumentTypeError(f"{argument!r} is no NAME=PATH of a folder")
    return name, folder.absolute()
