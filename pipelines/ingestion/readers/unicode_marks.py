"""Unicode's wide encodings, by their byte-order mark or by where their zero bytes stand."""

import codecs

from pipelines.ingestion.rows import UnusableSource

# UTF-32 first: its mark begins with the one of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8",
    b"\x84\x31\x95\x33": "gb18030",
}
_WIDE = {"utf-32-le": (4, (1, 2, 3)), "utf-32-be": (4, (0, 1, 2)), "utf-16-le": (2, (1,)), "utf-16-be": (2, (0,))}
_CONTROL = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f"})
_BINARY = 0.02  # a larger share of control bytes is no text


def marked_encoding(head: bytes) -> str | None:
    """The encoding that a byte-order mark names; None without a mark."""
    return next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), None)


def unmarked_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark; None for other text. Raises UnusableSource if the bytes are no text."""
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls <= _BINARY * len(head):
        return None
    for encoding, (width, zeros) in _WIDE.items():
        if _fits(head, width, zeros) and _is_text(head, encoding, width):
            return encoding
    raise UnusableSource("its bytes are no text; is its ending right? Save the messages as CSV, JSON Lines or Parquet")


def _fits(head: bytes, width: int, zeros: tuple[int, ...]) -> bool:
    """True if, of the zero bytes, nearly all stand where this encoding has them for ASCII characters."""
    all_zeros = head.count(0)
    return all_zeros > 0 and sum(head[place::width].count(0) for place in zeros) > 0.9 * all_zeros


def _is_text(head: bytes, encoding: str, width: int) -> bool:
    text = head[: len(head) // width * width].decode(encoding, "replace")
    return text.count("\ufffd") <= _BINARY * len(text) and any(end in text for end in "\r\n")
