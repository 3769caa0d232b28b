"""Bytes wherever they lie: a local path or `s3://bucket/key`, with the same verbs for both."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from pipelines.storage import s3


def opened(uri: str) -> AbstractContextManager[BinaryIO]:
    """A stream of one file or object, never copied to disk; FileNotFoundError where there is none."""
    return s3.opened(uri) if _remote(uri) else _path(uri).open("rb")


def load(uri: str) -> bytes:
    """All bytes of one file or object."""
    with opened(uri) as stream:
        return stream.read()


def write(data: bytes, uri: str) -> str:
    """Store bytes under a name at once or not at all; gives the name back."""
    if _remote(uri):
        s3.write(data, uri)
        return uri
    with _replaced(_path(uri)) as temporary:
        temporary.write_bytes(data)
    return uri


def put(local: Path, uri: str) -> str:
    """Copy a file or a folder; on disk it appears whole, on S3 object by object."""
    _existing(local)
    if not _remote(uri):
        with _replaced(_path(uri)) as temporary:
            (shutil.copytree if local.is_dir() else shutil.copyfile)(local, temporary)
    elif local.is_dir():
        for file in sorted(file for file in local.rglob("*") if file.is_file()):
            s3.upload(file, f"{uri.rstrip('/')}/{file.relative_to(local).as_posix()}")
    else:
        s3.upload(local, uri)
    return uri


def fetch(uri: str, cache: Path) -> Path:
    """A local path of the file or folder; from S3 it is copied under `cache` once per state of its objects."""
    if not _remote(uri):
        return _existing(_path(uri))
    state = hashlib.sha256(f"{uri} {identity(uri)}".encode()).hexdigest()[:32]
    target = cache / state / uri.rstrip("/").rpartition("/")[2]
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{state}.lock"):  # two processes that need the same model copy it once
        if not target.exists():
            with _replaced(target) as temporary:
                s3.download(uri, temporary)
    return target


def exists(uri: str) -> bool:
    """Whether a file, a folder, an object or anything under a prefix is there."""
    return bool(s3.objects(uri)) if _remote(uri) else _path(uri).exists()


def sizes(uri: str) -> dict[str, int]:
    """Bytes by address of a file or an object, or of everything under a folder or a prefix; empty where nothing is."""
    if _remote(uri):
        return s3.sizes(uri)
    path = _path(uri)
    files = [path] if path.is_file() else path.rglob("*")
    return {str(file): file.stat().st_size for file in files if file.is_file()}


def size(uri: str) -> int:
    """Bytes of a file, a folder, an object or everything under a prefix; 0 where nothing is."""
    return sum(sizes(uri).values())


def delete(uri: str) -> None:
    """Remove a file, a folder, an object or everything under a prefix; nothing there is no error."""
    if _remote(uri):
        s3.delete(uri)
    elif _path(uri).is_dir():
        shutil.rmtree(_path(uri))
    else:
        _path(uri).unlink(missing_ok=True)


def identity(uri: str) -> str:
    """What changes when the content does: the SHA-256 of a local file, the ETags of the objects."""
    if _remote(uri):
        if objects := s3.objects(uri):
            return str(sorted(objects.items()))
        raise FileNotFoundError(f"{uri} does not exist")
    with _path(uri).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remote(uri: str) -> bool:
    return uri.startswith(s3.SCHEME)


def _path(uri: str) -> Path:
    return Path(uri).expanduser()


def _existing(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return path


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    """A temporary name on the target's own file system, renamed to it at the end: whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partial-") as folder:
        temporary = Path(folder) / target.name
        yield temporary
        if target.is_dir():  # a rename never replaces a folder that holds something
            target.rename(Path(folder) / "replaced")
        temporary.replace(target)
