"""What a server that we start asks for: `user:password`, one line of a file in the home, for its owner's eyes."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

USER = "needloop"


class BrokenCredential(ValueError):
    """A credential file that holds no `user:password`."""


def credential(file: Path) -> str:
    """The line of `file`, made on first use (32 random bytes); processes that start at once get the same one."""
    if not file.exists():
        write_once(file, f"{USER}:{secrets.token_urlsafe(32)}\n".encode())
    if file.stat().st_mode & 0o077:  # a copy of the home may have opened it to others
        file.chmod(0o600)
    line = file.read_text(encoding="utf-8").strip()
    user, colon, password = line.partition(":")
    if not (user and colon and password) or "\n" in line:
        raise BrokenCredential(
            f"{file} must hold one line user:password; delete it, and the next start makes a new one"
        )
    return line


def basic(credential: str) -> dict[str, str]:
    """The header of HTTP Basic authentication (RFC 7617)."""
    return {"Authorization": f"Basic {base64.b64encode(credential.encode()).decode()}"}


def write_once(file: Path, content: bytes) -> None:
    """Create `file` (0600): written whole beside its place, then linked, so that of two writers the first wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # another process was first, and its content stands
            os.link(draft, file)
    finally:
        draft.unlink()
