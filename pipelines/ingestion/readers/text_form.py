"""The form of a text file, decided once for the whole of it: encoding, treatment of damage, line ends."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from pipelines.ingestion.readers.damage import ESCAPE, Damage, count_damage
from pipelines.ingestion.readers.legacy_encodings import Unsure, detect
from pipelines.ingestion.readers.source_file import SourceFile, require_text
from pipelines.ingestion.readers.unicode_marks import marked_encoding, unmarked_encoding
from pipelines.ingestion.rows import UnusableSource

UTF8 = "utf-8"
_HEAD = 2**16  # bytes
_BLOCK = 2**20
_SAMPLE_CELLS, _SAMPLE_LINE = 2_000, 2_000  # cells with bytes beyond ASCII, and bytes of a line
_CELL_END = re.compile(rb'[\r\n,;\t"]')  # none of them is half of a character in any of the encodings
# Codecs of Python that are no encodings of files.
_NO_FILES = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined")
# Shares of the lines with characters beyond ASCII.
_DAMAGED = 0.1  # UTF-8 with a smaller share of invalid lines is UTF-8 with damaged rows
_MIXED = 0.25  # in a legacy encoding hardly a line is valid UTF-8 by chance
_WRONG = 0.5  # a named encoding that fails on a larger share is not the file's
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_UNQUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class TextForm:
    """The decoding of bytes into lines; `note` is a sentence for people if the encoding is not plainly UTF-8."""

    encoding: str
    line_end: str = "\n"
    note: str | None = None

    @property
    def errors(self) -> str:
        """The name of the error handler: undecodable bytes become surrogate escapes."""
        return "surrogateescape" if self.encoding == UTF8 else ESCAPE


def decide(file: SourceFile, named: str | None = None) -> TextForm:
    """The form of a file, in the `named` encoding or the detected one. Raises UnusableSource."""
    with file.open() as stream:
        head = stream.read(_HEAD)
    require_text(head)
    encoding, note = _named(file, head, named) if named else _detected(file, head)
    return TextForm(encoding, _line_end(head.decode(encoding, "replace")), note)


def _named(file: SourceFile, head: bytes, name: str) -> tuple[str, str | None]:
    encoding = require_known(name)
    if encoding in ("utf-16", "utf-32") and marked_encoding(head) != encoding:
        encoding += "-le"  # without a mark; Windows writes this order of bytes
    damage = count_damage(file, encoding)
    if damage.share > _WRONG:
        raise UnusableSource(
            f"{damage.damaged} of {damage.lines} lines with characters beyond ASCII are not valid {name}; "
            "name another --encoding, or leave it out: it is then detected"
        )
    return encoding, _damage_note(name, damage) if damage.damaged else None


def require_known(name: str) -> str:
    """The codec's name. Raises UnusableSource if there is none for text."""
    try:
        codec = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        codec = None
    if codec is None or codec.name in _NO_FILES or not codec._is_text_encoding:
        raise UnusableSource(
            f"{name!r} is no known encoding; use one such as utf-8, utf-16, cp1252, latin-1, gb18030 or shift_jis"
        )
    return codec.name


def _detected(file: SourceFile, head: bytes) -> tuple[str, str | None]:
    if marked := marked_encoding(head):
        return marked, None if marked == UTF8 else f"read as {marked}, as its byte-order mark says"
    if wide := unmarked_encoding(head):
        return wide, _detection_note(wide)
    if _ISO_2022_JP.search(head):
        return "iso2022_jp_2", _detection_note("iso2022_jp_2")
    if _is_utf8(file):
        return UTF8, None
    damage = count_damage(file, UTF8)
    if damage.share < _DAMAGED:
        return UTF8, _damage_note(UTF8, damage)
    if 1 - damage.share > _MIXED and damage.lines > damage.damaged + 1:
        raise UnusableSource(
            f"it mixes encodings: of {damage.lines} lines with characters beyond ASCII {damage.damaged} are not UTF-8; "
            "save it in one encoding, or leave those lines out with --encoding utf-8"
        )
    encoding = _legacy(file)
    return encoding, _detection_note(encoding)


def _legacy(file: SourceFile) -> str:
    with file.open() as stream:
        cells = list(islice(_cells_beyond_ascii(stream), _SAMPLE_CELLS))
    try:
        return detect(cells)
    except Unsure as error:
        first, second = error.guesses
        raise UnusableSource(
            f"it is not UTF-8, and its bytes fit {first} and {second} equally well; "
            f"name the encoding, for example --encoding {first}"
        ) from None


def _cells_beyond_ascii(stream: BinaryIO) -> Iterator[bytes]:
    """Cells with bytes beyond ASCII; the others would speak for English."""
    while line := stream.readline(_SAMPLE_LINE):
        yield from (cell for cell in _CELL_END.split(line) if not cell.isascii())


def _is_utf8(file: SourceFile) -> bool:
    decoder = codecs.getincrementaldecoder(UTF8)()
    try:
        with file.open() as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _line_end(head: str) -> str:
    """A carriage return if the first line ends with a bare one, as old Macs write it; else a line feed."""
    unquoted = _UNQUOTED.sub("", head)
    end = re.search(r"\r\n?|\n", unquoted) or re.search(r"\r\n?|\n", head)
    at_the_end = end is not None and end[0] == "\r" and end.end() == len(unquoted)
    return "\r" if end and end[0] == "\r" and not (at_the_end and "\n" in head) else "\n"


def _detection_note(encoding: str) -> str:
    return f"read as {encoding}, detected from its bytes; --encoding names another"


def _damage_note(encoding: str, damage: Damage) -> str:
    return (
        f"read as {encoding}, but {damage.damaged} of {damage.lines} lines with characters beyond ASCII are damaged: "
        "their rows are left out"
    )
