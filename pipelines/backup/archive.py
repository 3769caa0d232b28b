"""The file of a backup, written: a tar of plain files, with the digests of all of them at the end."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

CONTENTS = "needloop-backup.json"
BLOCK = 1 << 20
ProgressCallback = Callable[[int], object]  # gets the number of bytes since the last call


class BrokenBackup(ValueError):
    """The file is not a backup, is cut short or damaged, or would write outside its folder."""


@dataclass(frozen=True)
class Contents:
    """The contents of a backup: its time (`made`), its home (`root`), the home's state, SHA-256 by file name."""

    made: str
    root: str
    entries: int
    feedback: int
    files: Mapping[str, str]
    form: int = 1


class HashingReader:
    """A stream that is read once, with the SHA-256 of the bytes read so far."""

    def __init__(self, stream: IO[bytes], progress: ProgressCallback) -> None:
        self._stream, self._progress, self._state = stream, progress, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, as a file does."""
        data = self._stream.read(size)
        self._state.update(data)
        self._progress(len(data))
        return data

    def digest(self) -> str:
        """The SHA-256 in hexadecimal digits."""
        return self._state.hexdigest()


@contextmanager
def new_archive(file: Path) -> Iterator[tarfile.TarFile]:
    """A new archive that only its owner may read, written whole or not at all; compressed if its name ends in gz."""
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


def add_file(archive: tarfile.TarFile, name: str, file: Path, progress: ProgressCallback) -> str | None:
    """Add a file in its current state; returns its SHA-256, or None if it no longer exists."""
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return None
    with stream:
        status, reader = os.fstat(stream.fileno()), HashingReader(stream, progress)
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = status.st_size, 0o600, int(status.st_mtime)
        archive.addfile(info, cast("IO[bytes]", reader))  # `addfile` calls `read` alone
    return reader.digest()


def add_contents(archive: tarfile.TarFile, contents: Contents) -> None:
    """Add the digests, without which a file is not a backup."""
    data = json.dumps(asdict(contents), indent=0).encode()
    info = tarfile.TarInfo(CONTENTS)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))
