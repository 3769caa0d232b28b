"""Handles (`@someone`) other than the company's own, and other than decorators, packages and emoticons."""

import re
from collections.abc import Collection, Iterator

from pipelines.masking.matching_view import HAN, LOGIN, Span

_WORD = rf"[^\W{HAN}]+"
# A dotted name is one name (`@jane.doe`); names in Chinese run on to the next space or mark.
_HANDLE = re.compile(rf"(?<!{LOGIN})@(?:({_WORD})(?:[.-]+{_WORD})*+|([{HAN}]\w{{0,29}}))")
# Annotations of Java, decorators of Python, at-rules of CSS, tags of comments; others by the code after them.
_ANNOTATIONS = """
Override Deprecated Autowired Test Before After BeforeEach AfterEach Bean Entity Component Controller RestController
Repository Service Nullable NotNull NonNull SpringBootApplication GetMapping PostMapping RequestMapping RequestBody
PathVariable Transactional Mock Inject Injectable NgModule Input Output FunctionalInterface SuppressWarnings Data
Getter Setter Builder Configuration Value Query Column property staticmethod classmethod dataclass cached_property
abstractmethod contextmanager lru_cache fixture overload media import keyframes charset supports layer param params
return returns throws since deprecated todo
"""
_CODE = frozenset(_ANNOTATIONS.split())
_CALLED = re.compile(
    r"(?:\.\w+)*\((?:[\"')]|\w{1,20}\s?=|\d+\)|max-|min-)|/[a-z]|\s(?:async def|def|class|public|private|protected)\s"
)
FACE = 2  # characters of an emoticon such as `o@o`
_HOUR = re.compile(r"\d{1,4}(?:[ap]m?|hrs?)?", re.I)  # `@5pm`, `@1030`: a time of day


def handles(text: str, keep: Collection[str]) -> Iterator[Span]:
    """The spans of handles that are not in `keep`, which is casefolded and without the `@`."""
    if "@" in text:
        for match in _HANDLE.finditer(text):
            if not _is_kept(match[1], match[2], keep) and not _is_code(match):
                yield match.span()


def _is_kept(name: str | None, han: str | None, keep: Collection[str]) -> bool:
    if name is not None:
        return name.casefold() in keep or _HOUR.fullmatch(name) is not None
    return han is not None and any(han.casefold().startswith(handle) for handle in keep if handle)


def _is_code(match: re.Match[str]) -> bool:
    """True for a decorator (`@property`, `@app.route("/")`), a package (`@angular/core`) and an emoticon (`@_@`)."""
    name = match[0][1:]
    after = match.string[match.end() : match.end() + 1]
    before = match.string[match.start() - 1 : match.start()]
    is_face = len(name) <= FACE and (after == "@" or (before.isalnum() and before.isascii()))
    is_face = is_face or not any(map(str.isalnum, name))
    return name in _CODE or is_face or _CALLED.match(match.string, match.end()) is not None
