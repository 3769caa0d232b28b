"""Truncation of long texts: their first tokens are read, or a quarter from the start and the rest from the end."""

from collections.abc import Sequence
from typing import TypeVar

HEAD, HEAD_TAIL = "head", "head_tail"

Item = TypeVar("Item")


def head_length(max_tokens: int) -> int:
    """Tokens that head and tail keep of the start: 129 of 512, thus 128 of the text and its first special token.

    The others, 382 of the text and a special token, are its last (Sun and others, 2019, "How to Fine-Tune BERT for Text
    Classification?").
    """
    return max_tokens // 4 + 1


def head_and_tail(tokens: Sequence[Item], max_tokens: int) -> list[Item]:
    """At most `max_tokens` of all tokens of a text, special tokens included: those of its start and of its end."""
    if len(tokens) <= max_tokens:
        return list(tokens)
    head = head_length(max_tokens)
    return [*tokens[:head], *tokens[len(tokens) - max_tokens + head :]]
