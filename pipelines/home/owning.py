"""What a home may delete: its own files, and those of the outside store that it owns."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipelines.home.location import Owner, Place, place, write
from pipelines.home.paths import Files
from pipelines.runtime.wording import plain


class NotOurs(PermissionError):
    """Files that another home may own; nothing was deleted."""


def require_owner(files: Files, tracking_uri: str) -> None:
    """Raises NotOurs where store or MLflow lie outside a home that was copied or moved since it last owned them."""
    known = place(files.home)
    owner = known.owner if known else None
    if (outside := _outside(files, tracking_uri)) and not (owner and owner.born and owner == Owner.of(files.home)):
        before = f"the home at {plain(owner.path)}" if owner else "another home"
        raise NotOurs(
            f"{' and '.join(outside)} may belong to {before}, of which this one may be a copy: nothing was deleted. "
            "If no other home uses it: needloop prune --claim. If one does, give this home a store of its own"
        )


def claim(home: Path) -> None:
    """This home owns its outside store from now on."""
    known = place(home) or Place(str(home))
    write(home, replace(known, owner=Owner.marked(home)))


def require_ours(addresses: Iterable[str], files: Files) -> None:
    """Raises NotOurs for the first address that lies neither below the home nor below its store, links followed."""
    for address in addresses:
        if not ours(address, files):
            raise NotOurs(
                f"{address} lies neither below the home {files.home} nor below its store {files.storage}: "
                "it was not touched. Set NEEDLOOP_STORE to where it belongs, or look after it yourself"
            )


def ours(address: str, files: Files) -> bool:
    """Whether an address lies below the home or its store."""
    roots = {str(files.home), files.storage}
    if "://" in address:
        return any(address.startswith(f"{root}/") for root in roots) and "/../" not in address
    real = Path(os.path.realpath(address))
    local = (Path(os.path.realpath(root)) for root in roots if "://" not in root)
    return any(real != root and real.is_relative_to(root) for root in local)


def _outside(files: Files, tracking_uri: str) -> list[str]:
    """The store and the registry, where they are not the home's own."""
    inside = f"sqlite:///{files.home}/"
    store = [] if _below(files.storage, files.home) else [f"the store {files.storage}"]
    return store if tracking_uri.startswith(inside) else [*store, "the MLflow that MLFLOW_TRACKING_URI names"]


def _below(address: str, home: Path) -> bool:
    return "://" not in address and Path(os.path.realpath(address)).is_relative_to(os.path.realpath(home))
