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
    rf"{_LOCAL}(?:\s?(?:@|[(\[{{]?\b(?i:at)\b[)\]}}]?|艾特|爱特)\s?({_PROVIDER}\s?(?:\.|[(\[{{]?\b(?i:dot)\b[)\]}}]?|点)"
    r"\s?(?i:com|net|org|cn|me|(?:co\.)?[a-z]{2})(?![A-Za-z0-9])))?"
)

# Any domain if the `at` is in brackets; and an address as it is encoded in a link.
_BRACKETED = re.compile(
    rf"{_LOCAL}(?:\s?[(\[{{]\s?(?i:at)\s?[)\]}}]\s?((?:{_LABEL}\s?(?:\.|[(\[{{]\s?(?i:dot"
    rf"|\.)\s?[)\]}}])\s?)+{_LABEL}))?"
)
_ENCODED = re.compile(rf"(?<![\w.+-])(\w[\w.+-]*+)%40({_DOTTED})")
_BRACKETED_CLUE = re.compile(r"[(\[{]\s?at\s?[)\]}]", re.I)

_BEFORE_AT = re.compile(rf"[^\s(,:;!?/@]@|\"@|[{HAN}]@")
_SPELT_CLUE = re.compile(rf"(?:@|\b(?i:at)\b[)\]}}]?|[艾爱]特)\s?{_PROVIDER}(?![a-zA-Z])")
# At any domain if the local part is spelt out too; the words before an address that are part of it.
_SPELT_WHOLE = re.compile(
    r"(?<![\w-])[\w-]{1,40}(?: (?:dot|point|underscore|dash) [\w-]{1,40}){1,3} at [\w-]{1,40}(?: dot [\w-]{1,40}){0,2}"
    r" dot (?:com|net|org|info|io|biz|edu|gov|[a-z]{2})(?![\w-])",
    re.I | re.A,
)
_WORDS_BEFORE = re.compile(
    r"(?:[\w-]{1,40}\s?(?:[(\[{]?\b(?:dot|point|underscore|dash)\b[)\]}]?|点|下划线)\s?){1,3}$", re.I | re.A
)
# At any domain, unless the word before says where somebody is: "I shop at lamps dot com".
_SPELT_ANY = re.compile(
    r"(?<![\w.-])(?!(?:i'?m|am|me|us|you|it|them|is|are|was|were|be|look|looking|shop|shopping|order|ordered|buy"
    r"|bought|found|see|site"
    r"|website|online|support|here|there|log|login|sign|signed|register|registered|work|available|out|and|or|page)\b)"
    r"[\w.-]{2,40} at [\w-]{1,40}(?: dot [\w-]{1,20}){0,2} dot (?:com|net|org|info|io|biz|edu|gov|[a-z]{2})(?![\w-])",
    re.I | re.A,
)
_SPACED = re.compile(
    r"(?<![\w.-])[\w.+-]{1,40} @ [\w-]{2,40}(?: ?\. ?[\w-]{2,20}){0,2} ?\. ?(?:com|net|org|cn|de|fr|io|co|uk)(?![\w-])",
    re.A,
)
SPELT_CLUES = (
    "at|dot|gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|aol|proton|protonmail|msn|live|gmx|qq|foxmail|sina"
    "|com|net|org"
    "|cn|艾特|爱特"
)
FACE = 3  # letters on both sides of an emoticon's `@`
_DECIMAL = re.compile(r"\d+\.\d{1,3}")
_TOP_LEVEL = re.compile(r"\.(?:com|net|org|cn|aero|travel)$", re.I)


def emails(text: str, keep: Collection[str]) -> Iterator[Span]:
    """The spans of addresses; `word@handle` with a kept handle is two words without a space, not an address."""
    if "@" in text and _BEFORE_AT.search(text):
        for rule in (_ATTACHED, _HAN_LOCAL, _QUOTED):
            for match in rule.finditer(text):
                if match[2] and not _is_mention(match, keep) and not _is_price(match):
                    yield match.span()
    if "%40" in text:
        yield from (match.span() for match in _ENCODED.finditer(text))


def spelt_emails(text: str) -> Iterator[Span]:
    """The spans of addresses that are spelt out: `john at gmail dot com`, `jane[at]quux.com`, `jane @ quux . com`."""
    if _BRACKETED_CLUE.search(text):
        yield from (match.span() for match in _BRACKETED.finditer(text) if match[2])
    if _SPELT_CLUE.search(text):
        yield from (_with_words_before(match) for match in _SPELT.finditer(text) if match[2])
    if " dot " in text:
        for rule in (_SPELT_WHOLE, _SPELT_ANY):
            yield from (match.span() for match in rule.finditer(text))
    if " @ " in text:
        yield from (match.span() for match in _SPACED.finditer(text))


def _is_mention(match: re.Match[str], keep: Collection[str]) -> bool:
    """True for a kept handle without a space, or one after a full stop (`well.@bob`) or a handle (`@here-@there`)."""
    domain = match[2]
    if "." not in domain and (match[1].endswith(".") or match.string[max(0, match.start() - 1)] == "@"):
        return True
    return domain.partition(".")[0].casefold() in keep and not _TOP_LEVEL.search(domain)


def _is_price(match: re.Match[str]) -> bool:
    """True for `50@10 each` and `3@9.99`, numbers and no domain, and for an emoticon such as `o@o`."""
    local, domain = match[1], match[2]
    if "." not in domain and "。" not in domain:
        return domain.isdigit() or local.isdigit() or len(local) + len(domain) <= FACE
    return (local.isdigit() and domain.rpartition(".")[2].isdigit()) or _DECIMAL.fullmatch(domain) is not None


def _with_words_before(match: re.Match[str]) -> Span:
    """The span with the words of a local part that is spelt out: `jane dot doe at gmail dot com`."""
    start = match.start()
    words = _WORDS_BEFORE.search(match.string, max(0, start - 100), start)
    return (words.start() if words else start), match.end()
