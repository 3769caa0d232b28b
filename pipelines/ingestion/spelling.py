"""The part of a text that spelling variants share, and the texts in which one letter may slip."""

import re

# Below ten letters a slip makes another word ("no", "now"); from forty on, the shingles detect it.
SLIP = range(10, 40)

_NOISE = re.compile(r"<[A-Z]+(?:-[A-Z]+)?>|https?://\S+|www\.\S+|@\w+(?:[.-]\w+)*")
# White space was collapsed, so a quoted mail ends with the text. It begins with a line of its program or with a date.
_QUOTED = re.compile(
    r"(?is)(?:-{3,} ?(?:original message|forwarded message|ursprüngliche nachricht|原始邮件) ?-{3,}"
    r"|\bon (?=.{0,60}\d)(?:(?!\bon ).){6,100}? wrote:|\bam (?=.{0,60}\d)(?:(?!\bam ).){6,100}? schrieb\b[^:]{0,60}:"
    r"|发件人[:：]|在(?=.{0,30}\d)[^在]{6,60}?写道[:：]).*\Z"
)
_APOSTROPHE = re.compile(r"['’`´]")
_OTHER = re.compile(r"[^\w\U0001f000-\U0001faff\u2600-\u27bf]+")
_LETTERS = re.compile(r"[^\W\d_]+|\s")
# Chinese, Japanese and Korean: one character is a word, so another character is no slip.
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def skeleton(text: str) -> str:
    """The part of a text that spelling variants share; emoji stay, because they may be the whole message.

    A quoted mail is left out, unless fewer than ten letters stand before it.
    """
    own = _QUOTED.sub("", text)
    if own != text and len(bare := _bare(own)) >= SLIP.start:
        return bare
    return _bare(text) or text.casefold()


def _bare(text: str) -> str:
    return _OTHER.sub(" ", _APOSTROPHE.sub("", _NOISE.sub(" ", text).casefold())).strip()


def may_slip(compared: str) -> bool:
    """True for texts in which one letter may differ."""
    return len(compared) in SLIP and not _IDEOGRAPH.search(compared)


def never_slips(characters: str) -> str:
    """Those of some characters that a slip never changes: digits and emoji."""
    return _LETTERS.sub("", characters)
