"""Addresses of a home's own files: written relative to the home, and found again wherever it lies now."""

from pathlib import Path

from pipelines.home.location import former_roots, same_folder


def relative(address: str, home: Path) -> str:
    """The address as it is to be kept: relative to the home for what lies below it, any other unchanged."""
    if not address or _remote(address):
        return address
    path = Path(resolved(address, home))
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else address


def resolved(address: str, home: Path) -> str:
    """Where a file lies now, by an address that may have been kept while the home lay elsewhere.

    Below a former root of the home it is looked for below the home and nowhere else: the former root may be another
    home by now. An address that leads nowhere is looked for below the home by the end of its path; whoever opens it
    compares digests.
    """
    if not address or _remote(address):
        return address
    path = home / address  # an absolute address stays as it is
    if path.is_relative_to(home):
        return str(path)
    for root in former_roots(home):
        if path.is_relative_to(root):
            return str(home / path.relative_to(root))
    return _by_link(path, home) or address if path.exists() else _by_end(path, home) or address


def _by_link(path: Path, home: Path) -> str | None:
    """The same below the home, for a path that comes to the home by a link or another mount."""
    return next((str(home / path.relative_to(folder)) for folder in path.parents if same_folder(folder, home)), None)


def _by_end(path: Path, home: Path) -> str | None:
    """The longest end of at least two names that leads to something below the home."""
    ends = (home.joinpath(*path.parts[start:]) for start in range(1, len(path.parts) - 1))
    return next((str(candidate) for candidate in ends if candidate.exists()), None)


def _remote(address: str) -> bool:
    return "://" in address
