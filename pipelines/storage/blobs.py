"""Files and folders at a local path or at `s3://bucket/key`, with the same functions for both."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from pipelines.storage import s3


def open_stream(uri: str) -> AbstractContextManager[BinaryIO]:
    """A stream of one file or object, not copied to disk; raises FileNotFoundError."""
    return s3.open_stream(uri) if _is_remote(uri) else _path(uri).open("rb")


def load(uri: str) -> bytes:
    """All bytes of one file or object."""
    with open_stream(uri) as stream:
        return stream.read()


def write(data: bytes, uri: str) -> str:
    """Write bytes to an address atomically; returns the address."""
    if _is_remote(uri):
        s3.write(data, uri)
        return uri
    with _replacement(_path(uri)) as temporary:
        temporary.write_bytes(data)
    return uri


def put(local: Path, uri: str) -> str:
    """Copy a local file or folder to an address, on disk atomically, on S3 object by object; returns the address."""
    _require_existing(local)
    if not _is_remote(uri):
        with _replacement(_path(uri)) as temporary:
            (shutil.copytree if local.is_dir() else shutil.copyfile)(local, temporary)
    elif local.is_dir():
        for file in sorted(file for file in local.rglob("*") if file.is_file()):
            s3.upload(file, f"{uri.rstrip('/')}/{file.relative_to(local).as_posix()}")
    else:
        s3.upload(local, uri)
    return uri


def fetch(uri: str, cache: Path) -> Path:
    """The local path of a file or folder; from S3 it is copied to `cache` once per state of its objects."""
    if not _is_remote(uri):
        return _require_existing(_path(uri))
    state = hashlib.sha256(f"{uri} {identity(uri)}".encode()).hexdigest()[:32]
    target = cache / state / uri.rstrip("/").rpartition("/")[2]
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{state}.lock"):  # two processes that need the same model copy it once
        if not target.exists():
            with _replacement(target) as temporary:
                s3.download(uri, temporary)
    return target


def exists(uri: str) -> bool:
    """True if there is a file, a folder, an object, or an object under a prefix."""
    return bool(s3.objects(uri)) if _is_remote(uri) else _path(uri).exists()


def sizes(uri: str) -> dict[str, int]:
    """Bytes by address of a file or object, or of all below a folder or prefix; empty if there is none."""
    if _is_remote(uri):
        return s3.sizes(uri)
    path = _path(uri)
    files = [path] if path.is_file() else path.rglob("*")
    return {str(file): file.stat().st_size for file in files if file.is_file()}


def size(uri: str) -> int:
    """Bytes of a file, a folder, an object or all objects under a prefix; 0 if there is none."""
    return sum(sizes(uri).values())


def delete(uri: str) -> None:
    """Delete a file, a folder, an object or all objects under a prefix; none is no error."""
    if _is_remote(uri):
        s3.delete(uri)
    elif _path(uri).is_dir():
        shutil.rmtree(_path(uri))
    else:
        _path(uri).unlink(missing_ok=True)


def identity(uri: str) -> str:
    """A text that changes with the content: the SHA-256 of a local file, the ETags of the objects."""
    if _is_remote(uri):
        if objects := s3.objects(uri):
            return str(sorted(objects.items()))
        raise FileNotFoundError(f"{uri} does not exist")
    with _path(uri).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_remote(uri: str) -> bool:
    return uri.startswith(s3.SCHEME)


def _path(uri: str) -> Path:
    return Path(uri).expanduser()


def _require_existing(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return path


@contextmanager
def _replacement(target: Path) -> Iterator[Path]:
    """A temporary path on the target's file system, renamed to the target at the end of the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partial-") as folder:
        temporary = Path(folder) / target.name
        yield temporary
        if target.is_dir():  # a rename cannot replace a folder with contents
            target.rename(Path(folder) / "replaced")
        temporary.replace(target)
