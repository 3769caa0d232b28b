"""`ledger.head`: the signed hash of the last entry, which reveals lost entries."""

import hashlib
import hmac
from collections.abc import Collection
from pathlib import Path

from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry


def signed_head(entry: Entry, key: bytes) -> str:
    """The content of `ledger.head` after this entry."""
    return f"{entry.hash()} {_signature(entry.hash(), key)}"


def require_complete(entries: Collection[Entry], path: Path, file: Path, head: bytes, key: bytes) -> None:
    """Require that no entry is lost since `head`, the content of `file`, was signed; raises BrokenLedger.

    After a crash between the two files the head is one entry behind.
    """
    if not head and len(entries) > 1:
        raise BrokenLedger(f"{file} is missing: restore it, as lost entries cannot be detected without it")
    last_hash, _, signature = head.decode("ascii", "replace").partition(" ")
    if head and not hmac.compare_digest(signature.encode(), _signature(last_hash, key).encode()):
        raise BrokenLedger(f"{file} was altered: it is not signed with this home's key")
    if head and last_hash not in {entry.hash() for entry in entries}:
        raise BrokenLedger(f"{path} has lost entries, at least {last_hash[:12]}: restore it")


def _signature(head: str, key: bytes) -> str:
    return hmac.new(key, b"head" + head.encode(), hashlib.sha256).hexdigest()
