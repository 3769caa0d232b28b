"""The last answers of one champion, by the digest of the masked text: what is asked again costs the network nothing."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from pipelines.inference.packaged import Packaged
from pipelines.kinds.kind import Answer
from pipelines.serving.engine.preprocessing import PreparedText

Row = npt.NDArray[np.float32]


class PredictionCache:
    """At most `size` rows of probabilities (0: none), the least lately asked forgotten first; texts are not held."""

    def __init__(self, packaged: Packaged, size: int) -> None:
        self._packaged, self._size = packaged, size
        self._rows: OrderedDict[bytes, Row] = OrderedDict()
        self._lock = Lock()

    def predict(self, texts: Sequence[PreparedText]) -> list[Answer]:
        """What the champion answers, in the order of the texts."""
        if not self._size:
            return self._packaged.answers([one.tokens for one in texts])
        keys = [hashlib.sha256(one.masked.encode()).digest() for one in texts]
        known = self._recalled(keys)
        new = {key: one.tokens for key, one in zip(keys, texts, strict=True) if key not in known}
        known |= self._kept(list(new), self._packaged.of_tokens(list(new.values())))
        return [self._packaged.reader.answer(known[key]) for key in keys]

    def _recalled(self, keys: Sequence[bytes]) -> dict[bytes, Row]:
        with self._lock:
            found = {key: self._rows[key] for key in keys if key in self._rows}
            for key in found:
                self._rows.move_to_end(key)
        return found

    def _kept(self, keys: Sequence[bytes], rows: Row) -> dict[bytes, Row]:
        # Copies: a row of a batch would hold the whole batch.
        new = {key: row.copy() for key, row in zip(keys, rows, strict=True)}
        with self._lock:
            self._rows |= new
            while len(self._rows) > self._size:
                self._rows.popitem(last=False)
        return new
