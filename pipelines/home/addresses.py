"""Addresses of a home's own files: stored relative to the home, and resolved after it was moved or copied."""

from pathlib import Path

from pipelines.home.location import former_roots, same_folder


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
