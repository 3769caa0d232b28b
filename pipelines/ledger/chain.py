"""The chain of entries: each holds the hash of the one before, and is signed with the key of its home."""

import hmac
from collections.abc import Iterator
from pathlib import Path

from pipelines.ledger.entry import GENESIS, Entry, parsed


class BrokenLedger(ValueError):
    """An entry that does not follow from the one before it, or that this home did not sign."""


def verified(lines: bytes, path: Path, key: bytes) -> Iterator[Entry]:
    """The entries of whole lines, in order; raises BrokenLedger at the first that does not fit the chain."""
    previous = GENESIS
    for number, line in enumerate(lines.split(b"\n")[:-1], start=1):
        try:
            entry = parsed(line, path.parent)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BrokenLedger(f"{path}:{number} is no ledger entry: {error}") from error
        if entry.previous != previous or entry.line().encode() != line:
            raise BrokenLedger(f"{path}:{number} was altered: it does not follow from entry {number - 1}")
        if not hmac.compare_digest(entry.signed(key).signature.encode(), entry.signature.encode()):
            raise BrokenLedger(f"{path}:{number} was altered: it is not signed with this home's key")
        previous = entry.hash()
        yield entry
