"""A package with ONNX Runtime and a tokenizer, with their default settings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from pipelines.inference.runtime import onnxruntime


class Bare:
    """Texts to labels; a batch is padded to its longest text."""

    def __init__(self, package: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(package / "model.onnx"), options)
        self._tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
        card = json.loads((package / "package.json").read_text(encoding="utf-8"))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(card["max_tokens"])
        self._labels: list[str] = card["labels"]

    def __call__(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The label of each text and its score."""
        encoded = self._tokenizer.encode_batch(list(texts))
        ids, mask = (np.array([getattr(encoding, name) for encoding in encoded]) for name in ("ids", "attention_mask"))
        (logits,) = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        scores = np.exp(logits - logits.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        return [{"label": self._labels[row.argmax()], "score": float(row.max())} for row in scores]
