"""`<home>/home.json`: current and former paths of the home, so that a copy or a move is noticed."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from pipelines.home.file_birth import birth_time
from pipelines.home.relocation import forget_processes, relocate
from pipelines.runtime.wording import printable
from pipelines.web.credentials import write_once

log = logging.getLogger(__name__)

FILE = "home.json"
MARK = "home.mark"
TEXT = b"The birth time of this file distinguishes its home from a copy: keep it. See needloop prune --claim.\n"


class BrokenLocation(ValueError):
    """The record of the home's location cannot be read."""


@dataclass(frozen=True)
class Owner:
    """The folder that owns the outside store: its real path, its inode, and the birth time of its mark.

    The root folder has the same inode on every volume, but the mark of a copy is younger than the original's.
    """

    path: str
    inode: int
    born: int = 0

    @classmethod
    def of(cls, home: Path) -> "Owner":
        """The home at its current location; without a mark it owns nothing."""
        return cls(str(home.resolve()), home.stat().st_ino, birth_time(home / MARK))

    @classmethod
    def with_mark(cls, home: Path) -> "Owner":
        """The home at its current location, after making a mark if it has none."""
        write_once(home / MARK, TEXT)
        return cls.of(home)


@dataclass(frozen=True)
class HomeLocation:
    """The last path of the home, its earlier paths, and the owner of its outside store (None: unknown)."""

    root: str
    former: tuple[str, ...] = ()
    owner: Owner | None = None


def update_location(home: Path) -> None:
    """Update the record and the addresses in MLflow's database if the home was copied or moved.

    An interrupted update is repeated by the next call. Raises BrokenLocation.
    """
    if (location := read_location(home)) and same_folder(location.root, home):
        return
    with FileLock(home / f"{FILE}.lock"):
        location = read_location(home) or _derive_location(home)
        if not same_folder(location.root, home):
            former = tuple(root for root in dict.fromkeys((location.root, *location.former)) if root != str(home))
            relocate(home / "mlflow.db", former, home)
            forget_processes(home)
            log.warning("this home was moved or copied from %s to %s: records updated", printable(location.root), home)
            location = replace(location, root=str(home), former=former)
        write_location(home, location)


def same_folder(path: str | Path, home: Path) -> bool:
    """True if a path leads to the home, directly, by a link or by another mount."""
    try:
        return str(path) == str(home) or Path(path).samefile(home)
    except OSError:
        return False


def read_location(home: Path) -> HomeLocation | None:
    """The recorded location of the home; None without a record. Raises BrokenLocation."""
    try:
        return TypeAdapter(HomeLocation).validate_json((home / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise BrokenLocation(f"{home / FILE} cannot be read: delete it, it is made anew") from error


def write_location(home: Path, new: HomeLocation) -> None:
    """Replace the record atomically."""
    draft = home / f".{FILE}.draft"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(new), indent=1), encoding="utf-8")
    draft.replace(home / FILE)


def former_roots(home: Path) -> tuple[Path, ...]:
    """The earlier paths of the home, the longest first."""
    location = read_location(home)
    roots = map(Path, location.former if location else ())
    return tuple(sorted(roots, key=lambda root: len(root.parts), reverse=True))


def _derive_location(home: Path) -> HomeLocation:
    """The location of a home without a record: a new home, or one older than these records."""
    roots = [*_roots_in_validations(home), *_roots_in_ledger(home)]
    if not roots and (home / "ledger.jsonl").exists():
        return HomeLocation(str(home))
    root = roots[0] if roots else str(home)
    return HomeLocation(root, owner=Owner.with_mark(home) if root == str(home) else Owner(root, 0))


def _roots_in_validations(home: Path) -> Iterator[str]:
    """The roots in the URLs of Data Docs, from the validations."""
    for file in (home / "validation").glob("*/*.json"):
        address = unquote(urlsplit(_json_text(file.read_bytes(), "docs")).path)
        root, _, _ = address.rpartition("/docs/validations/")
        if root:
            yield root


def _roots_in_ledger(home: Path) -> Iterator[str]:
    """The roots of the packages in the ledger, if the home has a package of that name too."""
    ledger = home / "ledger.jsonl"
    for line in ledger.read_bytes().splitlines() if ledger.exists() else ():
        root, _, rest = _json_text(line, "location").partition("/artifacts/")
        if root and (home / "artifacts" / rest).exists():
            yield root


def _json_text(data: bytes, name: str) -> str:
    """A text field of a JSON object; empty if missing."""
    try:
        document = json.loads(data)
    except ValueError:
        return ""
    return str(document.get(name, "")) if isinstance(document, dict) else ""
