"""Pseudonyms of customers: keyed hashes, with a secret key that never leaves the state folder."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from pipelines.web.credentials import write_once

_FILE = "secret.key"
_SIZE = 32
_SIGNED_FILES = ("ledger.jsonl", "ledger.head")
_MISSING = (
    "{} is missing: restore it from a backup, as the ledger and the customers' hashes cannot be verified without it"
)


class BrokenKey(ValueError):
    """The key file is missing or damaged."""


def customer_hash(customer: str, key: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) of the customer in 64 hexadecimal digits; equal customers have equal hashes per key."""
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()


def secret_key(home: Path, needed: Callable[[], bool] = lambda: False) -> bytes:
    """The 32 random bytes in `home/secret.key`, made at the first use; concurrent processes get the same key.

    Raises BrokenKey if the file is damaged, or if it is missing although there is a ledger or stored data `needed` it:
    these cannot be verified with another key.
    """
    file = home / _FILE
    require_key(home)
    if not file.exists():
        if needed():
            raise BrokenKey(_MISSING.format(file))
        write_once(file, secrets.token_bytes(_SIZE))
    return file.read_bytes()


def require_key(home: Path) -> None:
    """Raise BrokenKey if the key is damaged, or is missing although there is a ledger that was signed with it."""
    # Checked first: a key is made before a file is signed with it.
    signed = any((home / name).exists() for name in _SIGNED_FILES)
    file = home / _FILE
    if file.exists():
        if (size := file.stat().st_size) != _SIZE:
            raise BrokenKey(f"{file} holds {size} bytes instead of {_SIZE}: restore it from a backup")
    elif signed:
        raise BrokenKey(_MISSING.format(file))
