"""A tokenizer as it is asked; packages with the same one share it, since one takes seven megabytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from tokenizers import Tokenizer


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The file `tokenizer.json`, cut off at so many tokens and never padded; `pad` is the id of padding."""

    tokenizer: Tokenizer
    pad: int

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text."""
        # Without offsets, and in a call that lets other threads go on.
        return [one.ids for one in self.tokenizer.encode_batch_fast(list(texts))]

    def reach(self, text: str) -> int:
        """How many characters of a text are read."""
        return max((end for _, end in self.tokenizer.encode(text).offsets), default=0)


_SHARED: WeakValueDictionary[tuple[bytes, int], Vocabulary] = WeakValueDictionary()
_LOADING = Lock()


def vocabulary(file: Path, max_tokens: int) -> Vocabulary:
    """That of a file: one that is in use, if it is the same."""
    said = file.read_bytes()
    key = hashlib.sha256(said).digest(), max_tokens
    with _LOADING:
        found = _SHARED.get(key)
        if found is None:
            found = _SHARED[key] = _loaded(said.decode(), max_tokens)
        return found


def _loaded(said: str, max_tokens: int) -> Vocabulary:
    tokenizer = Tokenizer.from_str(said)
    pad = (tokenizer.padding or {}).get("pad_id", 0)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return Vocabulary(tokenizer, pad)
