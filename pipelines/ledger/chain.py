"""The chain of entries: each holds the hash of the previous entry, and is signed with the key of its home."""

import hmac
from collections.abc import Iterator
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
