"""Addresses of files: stored relative to the home, resolved after it was moved or copied, and owned by it or not.

A home may delete its own files and those of an outside store that it owns.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipelines.home.location import HomeLocation, Owner, former_roots, read_location, same_folder, write_location
from pipelines.home.paths import Files
from pipelines.runtime.wording import printable


def relative_address(address: str, home: Path) -> str:
    """The address to store: relative to the home for a path below it, else unchanged."""
    if not address or _is_remote(address):
        return address
    path = Path(resolve_address(address, home))
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else address


def resolve_address(address: str, home: Path) -> str:
    """The current path of a stored address, also if the home was moved or copied since.

    A path below a former root of the home is resolved below the home only, as another home may be at the former root.
    A missing path is searched below the home by the end of its path; the reader compares digests.
    """
    if not address or _is_remote(address):
        return address
    path = home / address  # an absolute address stays unchanged
    if path.is_relative_to(home):
        return str(path)
    for root in former_roots(home):
        if path.is_relative_to(root):
            return str(home / path.relative_to(root))
    return _by_link(path, home) or address if path.exists() else _by_end(path, home) or address


def _by_link(path: Path, home: Path) -> str | None:
    """The path below the home, for a path that leads to the home by a link or another mount."""
    return next((str(home / path.relative_to(folder)) for folder in path.parents if same_folder(folder, home)), None)


def _by_end(path: Path, home: Path) -> str | None:
    """The path below the home by the longest existing end of at least two names."""
    ends = (home.joinpath(*path.parts[start:]) for start in range(1, len(path.parts) - 1))
    return next((str(candidate) for candidate in ends if candidate.exists()), None)


def _is_remote(address: str) -> bool:
    return "://" in address


class NotOwned(PermissionError):
    """The files may belong to another home; nothing was deleted."""


def require_owner(files: Files, tracking_uri: str) -> None:
    """Raise NotOwned if store or MLflow lie outside the home, and the home was copied or moved since it owned them."""
    location = read_location(files.home)
    owner = location.owner if location else None
    if (outside := _outside(files, tracking_uri)) and not (owner and owner.born and owner == Owner.of(files.home)):
        other = f"the home at {printable(owner.path)}" if owner else "another home"
        raise NotOwned(
            f"{' and '.join(outside)} may belong to {other}, of which this one may be a copy: nothing was deleted. "
            "If no other home uses it: needloop prune --claim. If one does, give this home a store of its own"
        )


def claim_store(home: Path) -> None:
    """Make this home the owner of its outside store."""
    location = read_location(home) or HomeLocation(str(home))
    write_location(home, replace(location, owner=Owner.with_mark(home)))


def require_owned(addresses: Iterable[str], files: Files) -> None:
    """Raise NotOwned for the first address that lies neither below the home nor below its store, links followed."""
    for address in addresses:
        if not is_owned(address, files):
            raise NotOwned(
                f"{address} lies neither below the home {files.home} nor below its store {files.storage}: "
                "it was not touched. Set NEEDLOOP_STORE to its store, or delete it yourself"
            )


def is_owned(address: str, files: Files) -> bool:
    """True if an address lies below the home or its store."""
    roots = {str(files.home), files.storage}
    if "://" in address:
        return any(address.startswith(f"{root}/") for root in roots) and "/../" not in address
    real = Path(os.path.realpath(address))
    local = (Path(os.path.realpath(root)) for root in roots if "://" not in root)
    return any(real != root and real.is_relative_to(root) for root in local)


def _outside(files: Files, tracking_uri: str) -> list[str]:
    """The store and the registry, if they lie outside the home."""
    inside = f"sqlite:///{files.home}/"
    store = [] if _below(files.storage, files.home) else [f"the store {files.storage}"]
    return store if tracking_uri.startswith(inside) else [*store, "the MLflow that MLFLOW_TRACKING_URI names"]


def _below(address: str, home: Path) -> bool:
    return "://" not in address and Path(os.path.realpath(address)).is_relative_to(os.path.realpath(home))
