"""Words of sentences for people."""


def several(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 row`, `2 rows`; `many` is the plural where it is not `one` with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def plain(text: str) -> str:
    """A text on one line that no terminal obeys: what cannot be printed is shown as an escape of Python's."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
