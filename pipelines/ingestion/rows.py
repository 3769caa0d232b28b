"""What a reader hands on: a row with its columns, or a row refused with a short, stable reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Ten times the longest customer e-mail of common corpora; what is longer is a log, an attachment or an attack.
LONGEST = 10_000
# Bytes of one record, field or line held in memory at once; far over LONGEST, so that a 10 MB text is still named so.
WIDEST = 16 * 2**20

ENCODING = "encoding"
MISSING_COLUMN = "missing column"
UNKNOWN_LABEL = "unknown label"
EMPTY_TEXT = "empty text"
TOO_LONG = "too long"
DUPLICATE_ID = "duplicate id"
MALFORMED = "malformed"
NO_CONFIDENCE = "confidence is no number between 0 and 1"
NOT_A_MESSAGE = "not a message"  # other events of an application log: counted, never quarantined


class UnusableSource(ValueError):
    """A source that cannot become a corpus: says what was found and what was expected."""


@dataclass(frozen=True)
class Row:
    """One row as it stands in the source; undecodable bytes are surrogate escapes."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be used. The text is unmasked: it may be held in memory and must not be written."""

    line: int
    reason: str
    text: str
