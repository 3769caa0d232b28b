"""The output of a reader: a row with its columns, or a rejected row with a short, stable reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Characters: ten times the longest customer e-mail of common corpora; the rest of a longer text is cut off.
MAX_TEXT_LENGTH = 10_000
MAX_RAW_LENGTH = 1_000_000  # characters with markup and quoted history; more is an attachment or an attack
# Bytes of one record, field or line held in memory; far over MAX_TEXT_LENGTH: 10 MB are still reported as too long.
MAX_RECORD_BYTES = 16 * 2**20

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
    """A source that cannot become a corpus; the message has the content found and expected."""


@dataclass(frozen=True)
class Note:
    """One sentence about a whole source for people, such as its encoding; it quotes no row."""

    text: str


@dataclass(frozen=True)
class SourceRow:
    """One row as it stands in the source; undecodable bytes are surrogate escapes."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Rejected:
    """An unusable row. The text is unmasked: it may be held in memory and must not be written."""

    line: int
    reason: str
    text: str
