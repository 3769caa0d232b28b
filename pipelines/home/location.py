"""`<home>/home.json`: where the home lies and lay before, so that a copied or moved one is noticed."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from pipelines.home.file_birth import born
from pipelines.home.relocation import relocate
from pipelines.runtime.wording import plain
from pipelines.web.credentials import write_once

log = logging.getLogger(__name__)

FILE = "home.json"
MARK = "home.mark"
TEXT = b"By the time at which this file was made its home is told from a copy: leave it. See needloop prune --claim.\n"


class BrokenPlace(ValueError):
    """A record of the home's place that cannot be read."""


@dataclass(frozen=True)
class Owner:
    """The folder that may delete what lies outside the home: its real path, its number, when its mark was made.

    The first folder has the same number on every volume, but the mark of a copy is made later than the original's.
    """

    path: str
    inode: int
    born: int = 0

    @classmethod
    def of(cls, home: Path) -> "Owner":
        """The home as it lies now; one without a mark owns nothing."""
        return cls(str(home.resolve()), home.stat().st_ino, born(home / MARK))

    @classmethod
    def marked(cls, home: Path) -> "Owner":
        """The home as it lies now, with a mark."""
        write_once(home / MARK, TEXT)
        return cls.of(home)


@dataclass(frozen=True)
class Place:
    """The path of the home when it was used last, its paths before, and who owns its outside store; None: unknown."""

    root: str
    former: tuple[str, ...] = ()
    owner: Owner | None = None


def settle(home: Path) -> None:
    """Notice that a home was copied or moved, and make MLflow's database name its files where they lie now.

    Whoever is killed on the way has changed nothing that the next call does not change again. Raises BrokenPlace.
    """
    if (known := place(home)) and same_folder(known.root, home):
        return
    with FileLock(home / f"{FILE}.lock"):
        before = place(home) or _derived(home)
        if not same_folder(before.root, home):
            former = tuple(root for root in dict.fromkeys((before.root, *before.former)) if root != str(home))
            relocate(home / "mlflow.db", former, home)
            _forget_processes(home)
            log.warning("this home lay at %s and now lies at %s: its records follow it", plain(before.root), home)
            before = replace(before, root=str(home), former=former)
        write(home, before)


def same_folder(path: str | Path, home: Path) -> bool:
    """Whether a path leads to the home, be it by a link or by another mount of it."""
    try:
        return str(path) == str(home) or Path(path).samefile(home)
    except OSError:
        return False


def place(home: Path) -> Place | None:
    """What the home knows of its place; None for one that was never asked. Raises BrokenPlace."""
    try:
        return TypeAdapter(Place).validate_json((home / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise BrokenPlace(f"{home / FILE} cannot be read: delete it, and it is made anew") from error


def write(home: Path, new: Place) -> None:
    """Replace the record at once or not at all."""
    draft = home / f".{FILE}.draft"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(new), indent=1), encoding="utf-8")
    draft.replace(home / FILE)


def former_roots(home: Path) -> tuple[Path, ...]:
    """The paths at which the home lay before, the longest first."""
    known = place(home)
    roots = map(Path, known.former if known else ())
    return tuple(sorted(roots, key=lambda root: len(root.parts), reverse=True))


def _derived(home: Path) -> Place:
    """The place of a home without a record: one that is new, or was made before there were such records."""
    evidence = [*_documented(home), *_decided(home)]
    if not evidence and (home / "ledger.jsonl").exists():
        return Place(str(home))
    root = evidence[0] if evidence else str(home)
    return Place(root, owner=Owner.marked(home) if root == str(home) else Owner(root, 0))


def _documented(home: Path) -> Iterator[str]:
    """The root of the Data Docs that a validation names by their URL."""
    for file in (home / "validation").glob("*/*.json"):
        address = unquote(urlsplit(_read(file.read_bytes(), "docs")).path)
        root, _, _ = address.rpartition("/docs/validations/")
        if root:
            yield root


def _decided(home: Path) -> Iterator[str]:
    """The root of the packages that the ledger names, where the home has a package of that name too."""
    ledger = home / "ledger.jsonl"
    for line in ledger.read_bytes().splitlines() if ledger.exists() else ():
        root, _, rest = _read(line, "location").partition("/artifacts/")
        if root and (home / "artifacts" / rest).exists():
            yield root


def _read(data: bytes, name: str) -> str:
    """A text of a JSON object; empty where there is none."""
    try:
        found = json.loads(data)
    except ValueError:
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""


def _forget_processes(home: Path) -> None:
    """Processes that the copied records name belong to the original: they are neither used nor ended from here."""
    for kind in ("process", "user"):
        for record in (home / "logs").glob(f"*.{kind}.json"):
            record.unlink(missing_ok=True)
