"""Cache of predictions by the digest of the masked text: a repeated text costs no inference."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.kind import Answer
from pipelines.serving.engine.preprocessing import PreparedText

Row = npt.NDArray[np.float32]


class PredictionCache:
    """LRU cache of at most `size` rows of probabilities (0: off) of one champion; it stores no texts."""

    def __init__(self, packaged: ModelPackage, size: int) -> None:
        self._packaged, self._size = packaged, size
        self._rows: OrderedDict[bytes, Row] = OrderedDict()
        self._lock = Lock()

    def predict(self, texts: Sequence[PreparedText]) -> list[Answer]:
        """The champion's answers, in the order of the texts."""
        if not self._size:
            return self._packaged.predict_tokens([text.tokens for text in texts])
        keys = [hashlib.sha256(text.masked.encode()).digest() for text in texts]
        rows = self._cached(keys)
        missing = {key: text.tokens for key, text in zip(keys, texts, strict=True) if key not in rows}
        rows |= self._add(list(missing), self._packaged.calibrated_tokens(list(missing.values())))
        return [self._packaged.reader.answer(rows[key]) for key in keys]

    def _cached(self, keys: Sequence[bytes]) -> dict[bytes, Row]:
        with self._lock:
            cached = {key: self._rows[key] for key in keys if key in self._rows}
            for key in cached:
                self._rows.move_to_end(key)
        return cached

    def _add(self, keys: Sequence[bytes], rows: Row) -> dict[bytes, Row]:
        # Copies: a row of a batch would keep the whole batch in memory.
        new = {key: row.copy() for key, row in zip(keys, rows, strict=True)}
        with self._lock:
            self._rows |= new
            while len(self._rows) > self._size:
                self._rows.popitem(last=False)
        return new
