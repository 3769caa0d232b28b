"""Who wrote, without saying who: a keyed hash of the customer, and the key that never leaves the state folder."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

_FILE = "secret.key"
_SIZE = 32


class BrokenKey(ValueError):
    """A key file that is not what `secret_key` wrote."""


def customer_hash(customer: str, key: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) in 64 hexadecimal digits: the same customer, the same hash, for one key."""
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()


def secret_key(home: Path) -> bytes:
    """The 32 random bytes in `home/secret.key`, made on first use; processes that race get the same ones."""
    file = home / _FILE
    if not file.exists():
        _create(file)
    key = file.read_bytes()
    if len(key) != _SIZE:
        raise BrokenKey(
            f"{file} holds {len(key)} bytes instead of {_SIZE}: restore it, or delete it to forget who wrote"
        )
    return key


def _create(file: Path) -> None:
    """Written whole beside its place, then linked: a link never replaces, so that the first writer wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_SIZE))
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was first, and its key is the key
    finally:
        draft.unlink()
