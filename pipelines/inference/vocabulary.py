"""Tokenizer of a package; packages with equal tokenizers share one, since it takes seven megabytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from weakref import WeakValueDictionary

from tokenizers import Encoding, Tokenizer

from pipelines.inference.truncation import HEAD, HEAD_TAIL, head_and_tail, head_length


class EncodedText(NamedTuple):
    """Token ids of a text; `truncated` if they are not all of it."""

    ids: list[int]
    truncated: bool


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The file `tokenizer.json`, truncating at a number of tokens, without padding; `pad` is the padding id."""

    tokenizer: Tokenizer
    pad: int
    max_tokens: int
    truncation: str = HEAD

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text."""
        return [encoded.ids for encoded in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Token ids of each text, and whether a part of it was cut off."""
        # Without offsets, and in a call that releases the GIL.
        encodings = self.tokenizer.encode_batch_fast(list(texts))
        shorten = self._head_and_tail if self.truncation == HEAD_TAIL else self._head
        return [shorten(encoding) for encoding in encodings]

    def visible(self, text: str) -> str:
        """The part of a text that fits in the tokens, or its start and its end."""
        encoding = self.tokenizer.encode(text)
        spans: list[tuple[int, int]] = encoding.offsets
        if self.truncation == HEAD or len(spans) <= self.max_tokens:
            return text[: max((end for _, end in spans), default=0)]
        head = head_length(self.max_tokens)
        start = max(end for _, end in spans[:head])
        last = spans[len(spans) - self.max_tokens + head :]
        tail = min((begin for begin, end in last if end > 0), default=len(text))  # special tokens have no place
        return f"{text[:start]} {text[tail:]}"

    def _head(self, encoding: Encoding) -> EncodedText:
        ids: list[int] = encoding.ids
        return EncodedText(ids, len(ids) >= self.max_tokens and len(encoding.overflowing) > 0)

    def _head_and_tail(self, encoding: Encoding) -> EncodedText:
        ids: list[int] = encoding.ids
        return EncodedText(head_and_tail(ids, self.max_tokens), len(ids) > self.max_tokens)


_SHARED: WeakValueDictionary[tuple[bytes, int, str], Vocabulary] = WeakValueDictionary()
_LOADING = Lock()


def load_vocabulary(file: Path, max_tokens: int, truncation: str = HEAD) -> Vocabulary:
    """The vocabulary of a file; a loaded one with equal content is shared."""
    content = file.read_bytes()
    key = hashlib.sha256(content).digest(), max_tokens, truncation
    with _LOADING:
        shared = _SHARED.get(key)
        if shared is None:
            shared = _SHARED[key] = _load(content.decode(), max_tokens, truncation)
        return shared


def _load(content: str, max_tokens: int, truncation: str) -> Vocabulary:
    tokenizer = Tokenizer.from_str(content)
    pad = (tokenizer.padding or {}).get("pad_id", 0)
    tokenizer.no_padding()
    if truncation == HEAD:
        tokenizer.enable_truncation(max_tokens)
    else:  # all tokens are needed to find the last ones
        tokenizer.no_truncation()
    return Vocabulary(tokenizer, pad, max_tokens, truncation)
