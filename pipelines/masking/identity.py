"""Who wrote, without saying who: a keyed hash of the customer, and the key that never leaves the state folder."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from pipelines.web.credentials import write_once

_FILE = "secret.key"
_SIZE = 32
_SIGNED = ("ledger.jsonl", "ledger.head")
_GONE = "{} is gone: put a backup of it back, for without it the ledger and the customers' hashes are worth nothing"


class BrokenKey(ValueError):
    """A key file that is not what `secret_key` wrote."""


def customer_hash(customer: str, key: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) in 64 hexadecimal digits: the same customer, the same hash, for one key."""
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()


def secret_key(home: Path, needed: Callable[[], bool] = lambda: False) -> bytes:
    """The 32 random bytes in `home/secret.key`, made on first use; processes that race get the same ones.

    Raises BrokenKey where it is damaged, and where it is gone although there is a ledger, or what is kept elsewhere
    `needed` it: with another key nothing of that could be read any more.
    """
    file = home / _FILE
    require_key(home)
    if not file.exists():
        if needed():
            raise BrokenKey(_GONE.format(file))
        write_once(file, secrets.token_bytes(_SIZE))
    return file.read_bytes()


def require_key(home: Path) -> None:
    """Raises BrokenKey where the key is damaged, or is gone although there is a ledger that was signed with it."""
    # Looked at first: a key is made before anything is signed with it.
    signed = any((home / name).exists() for name in _SIGNED)
    file = home / _FILE
    if file.exists():
        if (size := file.stat().st_size) != _SIZE:
            raise BrokenKey(f"{file} holds {size} bytes instead of {_SIZE}: put a backup of it back")
    elif signed:
        raise BrokenKey(_GONE.format(file))
