"""Quarantine of unusable rows: their place in the source, the reason and the masked text."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingestion.rows import MAX_TEXT_LENGTH, Rejected
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import DEFAULT_RULES, mask
from pipelines.masking.rules import MaskingRules
from pipelines.storage import blobs

EXCERPT = 1_000
# Longer than any address, number or placeholder: the remainder of a cut one lies within this many characters.
_MAX_CUT = 400
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_UNDECODED = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Entry:
    """One line of the quarantine; `digest` is the text's identity, to find it in the source."""

    source: str
    line: int
    reason: str
    digest: str
    text: str


def entry(source: str, rejected: Rejected, rules: MaskingRules = DEFAULT_RULES) -> Entry:
    """The quarantine entry of a rejected row, masked."""
    text = normalise(_legible(rejected.text))
    return Entry(source, rejected.line, rejected.reason, digest(text), excerpt(text, rules))


def excerpt(text: str, rules: MaskingRules = DEFAULT_RULES) -> str:
    """The masked beginning of a text; masked before the cut, because half an address is not recognised."""
    masked = mask(text[:MAX_TEXT_LENGTH], rules)
    return masked[: min(EXCERPT, max(0, len(masked) - _MAX_CUT))] if len(text) > MAX_TEXT_LENGTH else masked[:EXCERPT]


def write(entries: Sequence[Entry], folder: Path) -> str | None:
    """Write one JSON line per entry to a file named by its content; no file without entries."""
    if not entries:
        return None
    data = "".join(json.dumps(vars(entry), ensure_ascii=False) + "\n" for entry in entries).encode()
    return blobs.write(data, str(folder / f"{hashlib.sha256(data).hexdigest()}.jsonl"))


def _legible(raw: str) -> str:
    """Text that the masker can read: JSON escapes undone, undecoded bytes as Latin-1 (the likeliest), no NUL."""
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", raw)
    return _UNDECODED.sub(lambda match: _letter(ord(match[0])), text).replace("\x00", "")


def _letter(surrogate: int) -> str:
    return chr(surrogate - 0xDC00) if 0xDC80 <= surrogate <= 0xDCFF else "\ufffd"
