"""Parts of sentences for people."""


def counted_noun(count: int, singular: str, plural: str = "") -> str:
    """A count with its noun: `1 row`, `2 rows`; the default `plural` is `singular` with an s."""
    return f"{count} {singular if count == 1 else plural or f'{singular}s'}"


def printable(text: str) -> str:
    """A text without control characters for a terminal: unprintable characters become Python's escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
