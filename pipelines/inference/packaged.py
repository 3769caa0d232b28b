"""A packaged model answers texts: ONNX Runtime and a tokenizer, nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Answer:
    """The most probable label, its probability, that of every label, and whether it is too small to act on."""

    label: str
    score: float
    scores: dict[str, float]
    abstained: bool = False


@dataclass(frozen=True)
class Packaged:
    """The files `model.onnx`, `tokenizer.json` and `package.json` of one version, loaded."""

    model: str
    kind: str
    labels: tuple[str, ...]
    keep_handles: tuple[str, ...]
    max_tokens: int
    temperature: float
    threshold: float
    tokenizer: Tokenizer
    session: Any

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> "Packaged":
        """Open a package; `threads` bounds the cores of one call (None: all)."""
        card = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(card["max_tokens"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )
        return cls(
            model=card["model"],
            kind=card["kind"],
            labels=tuple(card["labels"]),
            keep_handles=tuple(card["keep_handles"]),
            max_tokens=card["max_tokens"],
            temperature=card.get("temperature", 1.0),
            threshold=card.get("threshold", 0.0),
            tokenizer=tokenizer,
            session=session,
        )

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers to masked texts, in their order."""
        return [self._answer(row) for row in self.probabilities(texts)]

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)` probabilities, calibrated by the package's temperature."""
        heated = self.logits(texts) / self.temperature
        powers = np.exp(heated - heated.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)`. Each text runs alone: mixed-length int8 batches are slower on CPUs."""
        return np.stack([self._logits(text) for text in texts]) if texts else np.zeros((0, len(self.labels)), "f4")

    def reach(self, text: str) -> int:
        """How many characters of a text it reads; it is blind to what comes after."""
        return max((end for _, end in self.tokenizer.encode(text).offsets), default=0)

    def _logits(self, text: str) -> npt.NDArray[np.float32]:
        ids = np.array([self.tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        (logits,) = self.session.run(["logits"], inputs)
        return np.asarray(logits[0], dtype=np.float32)

    def _answer(self, row: npt.NDArray[np.float32]) -> Answer:
        scores = {label: float(score) for label, score in zip(self.labels, row, strict=True)}
        label = max(scores, key=scores.__getitem__)
        return Answer(label, scores[label], scores, abstained=scores[label] < self.threshold)
