"""Batches of texts that one request may hold."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
# The service takes 256 texts and 4 MiB: smaller batches let other clients in between, and show progress.
MAX_TEXTS = 128
MAX_BYTES = 2 * 2**20


def batches(items: Iterable[T], text: Callable[[T], str], size: int = MAX_TEXTS) -> Iterator[list[T]]:
    """The items in order, in batches of at most `size` items and MAX_BYTES of JSON; `text` gives an item's text."""
    batch: list[T] = []
    total = 0
    for item in items:
        length = len(json.dumps(text(item), ensure_ascii=False).encode("utf-8", "replace"))
        if batch and (len(batch) == size or total + length > MAX_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += length
    if batch:
        yield batch
