"""A backup as a file: a tar of plain files, and last the digests of all of them."""

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from pydantic import TypeAdapter, ValidationError

from pipelines.home.contents import FORMERLY, replaceable
from pipelines.runtime.wording import plain

CONTENTS = "needloop-backup.json"
BLOCK = 1 << 20
Watch = Callable[[int], object]  # gets the number of bytes that went by since the last call


class BrokenBackup(ValueError):
    """A file that is no backup, is cut short or damaged, or would write elsewhere."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds: when and of which home it was made, how far that was, SHA-256 by name of a file."""

    made: str
    root: str
    entries: int
    feedback: int
    files: Mapping[str, str]
    form: int = 1


class Hashed:
    """A stream that is read once, and remembers the SHA-256 of what was read."""

    def __init__(self, stream: IO[bytes], watch: Watch) -> None:
        self._stream, self._watch, self._state = stream, watch, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        data = self._stream.read(size)
        self._state.update(data)
        self._watch(len(data))
        return data

    def digest(self) -> str:
        """In hexadecimal digits."""
        return self._state.hexdigest()


@contextmanager
def created(file: Path) -> Iterator[tarfile.TarFile]:
    """A new archive that only its owner reads, there whole or not at all; compressed where its name ends in gz."""
    draft = file.with_name(f".{file.name}.partial")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            compressed = file.name.endswith("gz")
            with (
                tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3)
                if compressed
                else tarfile.open(fileobj=stream, mode="w")
            ) as archive:
                yield archive
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def add(archive: tarfile.TarFile, name: str, file: Path, watch: Watch) -> str | None:
    """Put in a file as it is now; its SHA-256, None where it is gone meanwhile."""
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return None
    with stream:
        status, hashed = os.fstat(stream.fileno()), Hashed(stream, watch)
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = status.st_size, 0o600, int(status.st_mtime)
        archive.addfile(info, cast("IO[bytes]", hashed))  # all that it needs of a file is to read it
    return hashed.digest()


def close(archive: tarfile.TarFile, contents: Contents) -> None:
    """Put in the digests: without them a backup is no backup."""
    data = json.dumps(asdict(contents), indent=0).encode()
    info = tarfile.TarInfo(CONTENTS)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


def unpack(file: Path, folder: Path, watch: Watch) -> Contents:
    """Write all files of a backup into a folder, and nowhere else. Raises BrokenBackup, and OSError of a full disk."""
    found, told = dict[str, str](), b""
    try:
        with tarfile.open(file, "r|*") as archive:
            for member in archive:
                _require_plain(member)
                stream = archive.extractfile(member)
                if stream is None or told:
                    raise BrokenBackup(f"{file} goes on after its end: it is no backup of needloop")
                if member.name == CONTENTS:
                    told = stream.read()
                elif member.name in FORMERLY:
                    found[member.name] = _passed_by(stream, watch)
                else:
                    found[member.name] = _written(stream, folder / member.name, watch)
    except BrokenBackup:
        raise
    except (tarfile.TarError, EOFError, zlib.error, ValueError, FileExistsError, NotADirectoryError) as error:
        raise BrokenBackup(f"{file} cannot be read as a backup ({error}): take another one") from error
    return _complete(told, found, file)


def _require_plain(member: tarfile.TarInfo) -> None:
    """Raises BrokenBackup for links, devices, folders and sparse files, and for names that lead elsewhere."""
    parts = PurePosixPath(member.name).parts
    inside = parts and not member.name.startswith("/") and ".." not in parts and "\0" not in member.name
    known = member.name in FORMERLY or replaceable(parts[0] if parts else "")
    # A sparse one is written far larger than the archive is.
    if not (member.isreg() and not member.issparse() and inside and known):
        raise BrokenBackup(f"it holds {member.name!r}, which no backup of needloop does: nothing was changed")


def _written(stream: IO[bytes], path: Path, watch: Watch) -> str:
    _make_private(path.parent)
    hashed = Hashed(stream, watch)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while data := hashed.read(BLOCK):
            target.write(data)
    return hashed.digest()


def _passed_by(stream: IO[bytes], watch: Watch) -> str:
    hashed = Hashed(stream, watch)
    while hashed.read(BLOCK):
        pass
    return hashed.digest()


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700)


def _complete(told: bytes, found: Mapping[str, str], file: Path) -> Contents:
    try:
        contents = TypeAdapter(Contents).validate_json(told)
    except ValidationError:
        raise BrokenBackup(f"{file} is no backup of needloop, or is cut short: take another one") from None
    if wrong := sorted({name for name, _ in set(contents.files.items()) ^ set(found.items())}):
        raise BrokenBackup(
            f"{file} is damaged: {plain(', '.join(wrong[:3]))} differ from what was put in; take another one"
        )
    return contents
