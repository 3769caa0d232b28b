"""E-mail addresses: attached, quoted, international, at reserved domains, and spelt out (`john at gmail dot com`)."""

import re
from collections.abc import Collection, Iterator

from pipelines.masking.matching_view import HAN, Span

# Flags are inline: IGNORECASE over classes this wide would cost 0.1 s at import.
_LETTER = rf"[^\W{HAN}]"
_MARK = "[.+%'&~=$^-]"  # allowed in a local part besides letters; `/ ? # ! * |` separate it from its surroundings
_LOCAL = rf"({_LETTER}(?:{_LETTER}|{_MARK})*+)"
_LABEL = rf"{_LETTER}+(?:-+{_LETTER}+)*+"
# Chinese keyboards type the dot as an ideographic full stop, which otherwise ends the sentence.
_DOT = r"(?:\.|。(?=(?i:com|cn|net|org|edu|gov)(?![A-Za-z0-9])))"
_IDN = rf"(?=[\w-]*?[{HAN}])[\w-]++(?:\.[\w-]++)++"
_DOMAIN = rf"(?:{_IDN}|{_LABEL}(?:{_DOT}{_LABEL})*+|\[[0-9a-fA-F:.]+\])"
_DOTTED = rf"(?:{_IDN}|{_LABEL}(?:{_DOT}{_LABEL})++)"
_PROVIDER = (
    "(?i:gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|aol|proton(?:mail)?|msn|live|gmx|qq|foxmail|sina|163|126)"
)

# Every word is consumed once, address or not, so that long texts take linear time; an address has a domain.
_ATTACHED = re.compile(rf"{_LOCAL}(?:(?<!')@({_DOMAIN}))?")
_HAN_LOCAL = re.compile(rf"(\w++)(?:(?<=[{HAN}])@({_DOTTED}))?")
_QUOTED = re.compile(rf"(\"[^\"@<>]{{1,64}}\")@({_DOTTED})")
_SPELT = re.compile(
    rf"{_LOCAL}(?:\s?(?:@|[(\[{{]?\b(?i:at)\b[)\]}}]?)\s?({_PROVIDER}\s?(?:\.|[(\[{{]?\b(?i:dot)\b[)\]}}]?)"
    r"\s?(?i:com|net|org|cn|me|(?:co\.)?[a-z]{2})(?![A-Za-z0-9])))?"
)

# Any domain if the `at` is in brackets; and an address as it is encoded in a link.
_BRACKETED = re.compile(
    rf"{_LOCAL}(?:\s?[(\[{{]\s?(?i:at)\s?[)\]}}]\s?((?:{_LABEL}\s?(?:\.|[(\[{{]\s?(?i:dot|\.)\s?[)\]}}])\s?)+{_LABEL}))?"
)
_ENCODED = re.compile(rf"(?<![\w.+-])(\w[\w.+-]*+)%40({_DOTTED})")
_BRACKETED_CLUE = re.compile(r"[(\[{]\s?at\s?[)\]}]", re.I)

_BEFORE_AT = re.compile(rf"[^\s(,:;!?/@]@|\"@|[{HAN}]@")
_SPELT_CLUE = re.compile(rf"(?:@|\b(?i:at)\b[)\]}}]?)\s?{_PROVIDER}\b")
_TOP_LEVEL = re.compile(r"\.(?:com|net|org|cn|aero|travel)$", re.I)


def emails(text: str, keep: Collection[str]) -> Iterator[Span]:
    """The spans of addresses; `word@handle` with a kept handle is two words without a space, not an address."""
    if "@" in text and _BEFORE_AT.search(text):
        for rule in (_ATTACHED, _HAN_LOCAL, _QUOTED):
            yield from (match.span() for match in rule.finditer(text) if match[2] and not _is_mention(match, keep))
    if "%40" in text:
        yield from (match.span() for match in _ENCODED.finditer(text))
    if _BRACKETED_CLUE.search(text):
        yield from (match.span() for match in _BRACKETED.finditer(text) if match[2])
    if _SPELT_CLUE.search(text):
        yield from (match.span() for match in _SPELT.finditer(text) if match[2])


def _is_mention(match: re.Match[str], keep: Collection[str]) -> bool:
    """True for a kept handle without a space, or one after a full stop (`well.@bob`) or a handle (`@here-@there`)."""
    domain = match[2]
    if "." not in domain and (match[1].endswith(".") or match.string[max(0, match.start() - 1)] == "@"):
        return True
    return domain.partition(".")[0].casefold() in keep and not _TOP_LEVEL.search(domain)
