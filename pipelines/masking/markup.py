"""Removal of HTML from a message: tags, comments, styles and scripts are no part of it."""

import html
import re
from collections.abc import Iterator


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Tags that separate words; a space takes their place. Every other tag leaves nothing.
BLOCKS = _names(
    "address article aside blockquote body br button caption center col colgroup dd details div dl dt fieldset figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html iframe img input legend li main nav ol optgroup option p pre section "
    "select summary table tbody td textarea tfoot th thead tr title tr ul"
)
# A message also holds these as placeholders, as code or as comparisons ("click <link>", "#include <map>", "a <b"): they
# are markup with an attribute, with a slash at the end, with their closing tag, or within a whole document.
AMBIGUOUS = _names(
    "a abbr acronym address applet area article aside audio b base big body button canvas caption center cite code col "
    "data dd del details dfn dialog dir dl dt em embed figure font footer form frame header head i iframe image img "
    "input ins kbd label legend link main map mark menu meta meter nav noscript object option output param picture pre "
    "progress q ruby s samp script section select slot small source span strike style sub summary sup svg table "
    "template textarea th time title track tt u var video"
)
KNOWN = BLOCKS | AMBIGUOUS | _names("nobr strong wbr")
OFFICE = ("o:", "v:", "w:", "st1:")  # prefixes of tags that word processors write into mails

# A quoted value may hold < and > within 200 characters, three times in a tag: with more the search is not linear.
_QUOTED = r"""=\s*+(?:"[^"<>]*+"|'[^'<>]*+')"""
_ODD = r"""=\s*+(?:"[^"]{0,200}+"|'[^']{0,200}+')"""
_ATTRIBUTES = rf"(?:[^<>=]|{_QUOTED}|=(?!{_ODD[1:]}))*+"
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[a-z][a-z0-9]*+(?::[a-z0-9]++)?)(?=[\s/>])"
    rf"(?P<attributes>{_ATTRIBUTES}(?:{_ODD}{_ATTRIBUTES}){{0,3}}+)>"
    r"|<(?P<declaration>!doctype\s|\?xml\b|!\[(?:if|endif)\b)[^<>]*+>",
    re.IGNORECASE,
)
# Attributes as HTML has them: words that need no value, then `name=`; "and c" of "a <b and c> d" are none.
_PLAUSIBLE = re.compile(
    r"(?:\s+(?:nowrap|noshade|disabled|checked|selected|hidden|readonly|required|async|defer)\b)*"
    r"(?:\s+[\w:@.-]+\s*=.*)?[\s/]*",
    re.DOTALL,
)
_HIDDEN = re.compile(r"<(?:!--|(style|script|head)(?=[\s>])[^<>]*+>)", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("style", "script", "head")}
_ENDS["comment"] = re.compile("-->")
_UNFINISHED = re.compile(r"<(?:/?([a-z][a-z0-9]*+)\b|!--)[^<>]*+\Z", re.IGNORECASE)
_DOCUMENT = re.compile(r"<(?:html[\s>]|!doctype html)", re.IGNORECASE)

# Removal and decoding can reveal further tags (`<<b>b>`); ordinary mails need two rounds.
_ROUNDS = 8


def strip_markup(text: str) -> str:
    """The text of a message in HTML, its spaces collapsed; a text without HTML stays as it is, byte by byte.

    `text` is normalised: its entities are decoded once. The time is linear in its length.
    """
    if "<" not in text:
        return text
    for _ in range(_ROUNDS):
        stripped = _without_tags(_without_hidden(text))
        if stripped == text:
            break
        text = " ".join(html.unescape(stripped).split())
    return text


def _without_hidden(text: str) -> str:
    """The text without comments, styles, scripts and the head; one that does not end stays."""
    pieces: list[str] = []
    kept = position = 0
    endless: set[str] = set()
    while opening := _HIDDEN.search(text, position):
        position = opening.end()
        kind = (opening[1] or "comment").lower()
        if kind in endless:
            continue
        if (end := _ENDS[kind].search(text, position)) is None:
            endless.add(kind)
            continue
        pieces.append(text[kept : opening.start()])
        kept = position = end.end()
    return " ".join((*pieces, text[kept:])) if kept else text


def _without_tags(text: str) -> str:
    tags = list(_markup(text))
    pieces: list[str] = []
    position = 0
    for tag in tags:
        pieces += (text[position : tag.start()], " " if (tag["name"] or "br").lower() in BLOCKS else "")
        position = tag.end()
    rest = text[position:]
    if tags and (unfinished := _UNFINISHED.search(rest)) and (unfinished[1] or "br").lower() in KNOWN:
        rest = rest[: unfinished.start()]  # a mail that was cut within a tag
    return "".join((*pieces, rest))


def _markup(text: str) -> Iterator[re.Match[str]]:
    """The tags that are markup, in order of the text."""
    tags = [tag for tag in _TAG.finditer(text) if _known(tag)]
    document = _DOCUMENT.search(text) is not None if tags else False
    closed = {tag["name"].lower(): tag.start() for tag in tags if tag["close"]}
    opened: set[str] = set()
    for tag in tags:
        name = (tag["name"] or "").lower()
        if document or name not in AMBIGUOUS or (name in opened if tag["close"] else _certain(tag, closed.get(name))):
            opened.add(name)
            yield tag


def _known(tag: re.Match[str]) -> bool:
    """True for a declaration, and for a tag of HTML with plausible attributes."""
    if tag["declaration"]:
        return True
    name = tag["name"].lower()
    return (name in KNOWN or name.startswith(OFFICE)) and _PLAUSIBLE.fullmatch(tag["attributes"]) is not None


def _certain(tag: re.Match[str], closed: int | None) -> bool:
    """True if an opening tag has an attribute or a slash, or is closed at a later place."""
    return bool(tag["attributes"].strip()) or (closed is not None and closed > tag.start())
