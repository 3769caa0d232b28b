"""Tokenizer of a package; packages with equal tokenizers share one, since it takes seven megabytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from tokenizers import Tokenizer


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The file `tokenizer.json`, truncating at a number of tokens, without padding; `pad` is the padding id."""

    tokenizer: Tokenizer
    pad: int

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text."""
        # Without offsets, and in a call that releases the GIL.
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]

    def read_length(self, text: str) -> int:
        """Number of characters of a text that fit in the tokens."""
        return max((end for _, end in self.tokenizer.encode(text).offsets), default=0)


_SHARED: WeakValueDictionary[tuple[bytes, int], Vocabulary] = WeakValueDictionary()
_LOADING = Lock()


def load_vocabulary(file: Path, max_tokens: int) -> Vocabulary:
    """The vocabulary of a file; a loaded one with equal content is shared."""
    content = file.read_bytes()
    key = hashlib.sha256(content).digest(), max_tokens
    with _LOADING:
        shared = _SHARED.get(key)
        if shared is None:
            shared = _SHARED[key] = _load(content.decode(), max_tokens)
        return shared


def _load(content: str, max_tokens: int) -> Vocabulary:
    tokenizer = Tokenizer.from_str(content)
    pad = (tokenizer.padding or {}).get("pad_id", 0)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return Vocabulary(tokenizer, pad)
