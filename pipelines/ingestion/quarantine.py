"""Rows that could not be used, kept as evidence: where they stand, why, and what they say once masked."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingestion.rows import LONGEST, Rejected
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import mask
from pipelines.storage import blobs

EXCERPT = 1_000
# More than any address, number or placeholder is long: what a cut through one may leave is within this many characters.
_TORN = 400
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_UNDECODED = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Entry:
    """One line of the quarantine: `digest` is the text's identity, so that the owner finds it in the source."""

    source: str
    line: int
    reason: str
    digest: str
    text: str


def entry(source: str, rejected: Rejected, keep_handles: Collection[str] = ()) -> Entry:
    """The refused row, masked."""
    text = normalise(_legible(rejected.text))
    return Entry(source, rejected.line, rejected.reason, digest(text), excerpt(text, keep_handles))


def excerpt(text: str, keep_handles: Collection[str] = ()) -> str:
    """The masked beginning of a text; masked before it is cut, because half an address is not recognised."""
    masked = mask(text[:LONGEST], keep_handles)
    return masked[: min(EXCERPT, max(0, len(masked) - _TORN))] if len(text) > LONGEST else masked[:EXCERPT]


def write(entries: Sequence[Entry], folder: Path) -> str | None:
    """One JSON line per entry, named by its content; no entry, no file."""
    if not entries:
        return None
    data = "".join(json.dumps(vars(one), ensure_ascii=False) + "\n" for one in entries).encode()
    return blobs.write(data, str(folder / f"{hashlib.sha256(data).hexdigest()}.jsonl"))


def _legible(raw: str) -> str:
    """What a masker can read: JSON escapes undone, lost bytes as Latin-1 letters (their likeliest meaning), no NUL."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", raw)
    return _UNDECODED.sub(lambda found: _letter(ord(found[0])), text).replace("\x00", "")


def _letter(surrogate: int) -> str:
    return chr(surrogate - 0xDC00) if 0xDC80 <= surrogate <= 0xDCFF else "\ufffd"
