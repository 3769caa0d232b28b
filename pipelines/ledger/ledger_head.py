"""`ledger.head`: the hash of the last entry, signed; lost entries are missed by it."""

import hashlib
import hmac
from collections.abc import Collection
from pathlib import Path

from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry


def signed_head(entry: Entry, key: bytes) -> str:
    """The content of the file after this entry."""
    return f"{entry.hash()} {_signature(entry.hash(), key)}"


def require_whole(entries: Collection[Entry], path: Path, file: Path, head: bytes, key: bytes) -> None:
    """Raises BrokenLedger where entries are gone that `head`, the content of `file`, names, or where that was altered.

    The head may be one entry behind, after a crash between the two files.
    """
    if not head and len(entries) > 1:
        raise BrokenLedger(f"{file} is gone: restore it, without it nobody can tell whether entries are lost")
    known, _, signature = head.decode("ascii", "replace").partition(" ")
    if head and not hmac.compare_digest(signature.encode(), _signature(known, key).encode()):
        raise BrokenLedger(f"{file} was altered: it is not signed with this home's key")
    if head and known not in {entry.hash() for entry in entries}:
        raise BrokenLedger(f"{path} lost entries that were there, {known[:12]} at least: restore it")


def _signature(head: str, key: bytes) -> str:
    return hmac.new(key, b"head" + head.encode(), hashlib.sha256).hexdigest()
