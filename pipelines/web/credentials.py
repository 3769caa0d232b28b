"""Credentials of the servers that Needloop starts: one line `user:password` in a file readable by its owner only."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

USER = "needloop"


class BrokenCredential(ValueError):
    """A credential file without `user:password`."""


def read_credential(file: Path) -> str:
    """Read the credential of `file`, created on first use (32 random bytes); concurrent processes get the same one."""
    if not file.exists():
        write_once(file, f"{USER}:{secrets.token_urlsafe(32)}\n".encode())
    if file.stat().st_mode & 0o077:  # copying the home may have changed its mode
        file.chmod(0o600)
    line = file.read_text(encoding="utf-8").strip()
    user, colon, password = line.partition(":")
    if not (user and colon and password) or "\n" in line:
        raise BrokenCredential(
            f"{file} must contain one line user:password; delete it, and the next start creates a new one"
        )
    return line


def basic_auth_header(credential: str) -> dict[str, str]:
    """The header of HTTP Basic authentication (RFC 7617)."""
    return {"Authorization": f"Basic {base64.b64encode(credential.encode()).decode()}"}


def write_once(file: Path, content: bytes) -> None:
    """Create `file` (mode 0600) atomically: a draft is written, then linked; of two writers the first wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # another process was first, and its content stays
            os.link(draft, file)
    finally:
        draft.unlink()
