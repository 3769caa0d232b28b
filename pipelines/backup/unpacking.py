"""Reading of a backup: its files are written into one folder and compared with their digests."""

import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import TypeAdapter, ValidationError

from pipelines.backup.archive import BLOCK, CONTENTS, BrokenBackup, Contents, HashingReader, ProgressCallback
from pipelines.home.contents import FORMERLY_INCLUDED, replaceable
from pipelines.runtime.wording import printable


def unpack(file: Path, folder: Path, progress: ProgressCallback) -> Contents:
    """Write all files of a backup into a folder, and nowhere else. Raises BrokenBackup, and OSError of a full disk."""
    digests, contents = dict[str, str](), b""
    try:
        with tarfile.open(file, "r|*") as archive:
            for member in archive:
                _require_safe(member)
                stream = archive.extractfile(member)
                if stream is None or contents:
                    raise BrokenBackup(f"{file} has files after its end: it is not a backup of needloop")
                if member.name == CONTENTS:
                    contents = stream.read()
                elif member.name in FORMERLY_INCLUDED:
                    digests[member.name] = _skip(stream, progress)
                else:
                    digests[member.name] = _write(stream, folder / member.name, progress)
    except BrokenBackup:
        raise
    except (tarfile.TarError, EOFError, zlib.error, ValueError, FileExistsError, NotADirectoryError) as error:
        raise BrokenBackup(f"{file} cannot be read as a backup ({error}): use another one") from error
    return _verified_contents(contents, digests, file)


def _require_safe(member: tarfile.TarInfo) -> None:
    """Raise BrokenBackup for links, devices, folders and sparse files, and for names outside the folder."""
    parts = PurePosixPath(member.name).parts
    inside = parts and not member.name.startswith("/") and ".." not in parts and "\0" not in member.name
    is_state = member.name in FORMERLY_INCLUDED or replaceable(parts[0] if parts else "")
    # A sparse file is written far larger than the archive.
    if not (member.isreg() and not member.issparse() and inside and is_state):
        raise BrokenBackup(f"it contains {member.name!r}, which no backup of needloop has: nothing was changed")


def _write(stream: IO[bytes], path: Path, progress: ProgressCallback) -> str:
    _make_private_folder(path.parent)
    reader = HashingReader(stream, progress)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while data := reader.read(BLOCK):
            target.write(data)
    return reader.digest()


def _skip(stream: IO[bytes], progress: ProgressCallback) -> str:
    reader = HashingReader(stream, progress)
    while reader.read(BLOCK):
        pass
    return reader.digest()


def _make_private_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_private_folder(folder.parent)
        folder.mkdir(mode=0o700)


def _verified_contents(data: bytes, digests: Mapping[str, str], file: Path) -> Contents:
    try:
        contents = TypeAdapter(Contents).validate_json(data)
    except ValidationError:
        raise BrokenBackup(f"{file} is not a backup of needloop, or is cut short: use another one") from None
    if wrong := sorted({name for name, _ in set(contents.files.items()) ^ set(digests.items())}):
        raise BrokenBackup(
            f"{file} is damaged: {printable(', '.join(wrong[:3]))} differ from their digests; use another one"
        )
    return contents
