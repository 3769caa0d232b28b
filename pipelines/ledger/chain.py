"""The chain of entries: each holds the hash of the previous entry, and is signed with the key of its home.

`ledger.head`, the signed hash of the last entry, reveals lost entries.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator
from pathlib import Path

from pipelines.ledger.entry import GENESIS, Entry, parse_entry


class BrokenLedger(ValueError):
    """The ledger has an entry that does not follow from the previous one, or that this home did not sign."""


def verify_entries(lines: bytes, path: Path, key: bytes) -> Iterator[Entry]:
    """Parse and verify complete lines in order; raises BrokenLedger at the first entry that breaks the chain."""
    previous = GENESIS
    for number, line in enumerate(lines.split(b"\n")[:-1], start=1):
        try:
            entry = parse_entry(line, path.parent)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BrokenLedger(f"{path}:{number} is not a ledger entry: {error}") from error
        if entry.previous != previous or entry.line().encode() != line:
            raise BrokenLedger(f"{path}:{number} was altered: it does not follow from entry {number - 1}")
        if not hmac.compare_digest(entry.signed(key).signature.encode(), entry.signature.encode()):
            raise BrokenLedger(f"{path}:{number} was altered: it is not signed with this home's key")
        previous = entry.hash()
        yield entry


def signed_head(entry: Entry, key: bytes) -> str:
    """The content of `ledger.head` after this entry."""
    return f"{entry.hash()} {_head_signature(entry.hash(), key)}"


def require_complete(entries: Collection[Entry], path: Path, file: Path, head: bytes, key: bytes) -> None:
    """Require that no entry is lost since `head`, the content of `file`, was signed; raises BrokenLedger.

    After a crash between the two files the head is one entry behind.
    """
    if not head and len(entries) > 1:
        raise BrokenLedger(f"{file} is missing: restore it, as lost entries cannot be detected without it")
    last_hash, _, signature = head.decode("ascii", "replace").partition(" ")
    if head and not hmac.compare_digest(signature.encode(), _head_signature(last_hash, key).encode()):
        raise BrokenLedger(f"{file} was altered: it is not signed with this home's key")
    if head and last_hash not in {entry.hash() for entry in entries}:
        raise BrokenLedger(f"{path} has lost entries, at least {last_hash[:12]}: restore it")


def _head_signature(head: str, key: bytes) -> str:
    return hmac.new(key, b"head" + head.encode(), hashlib.sha256).hexdigest()
