"""A packaged model answers texts: ONNX Runtime and a tokenizer, nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from pipelines.inference.vocabulary import Vocabulary, vocabulary

# Fusions whose kernels are scalar code on CPUs: a sixth of the time of an int8 encoder of six layers.
SLOW = ["SkipLayerNormFusion", "BiasGeluFusion"]
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_ONCE = Lock()


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
    temperature: float
    threshold: float
    vocabulary: Vocabulary
    session: Any
    batch: int = 1

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> "Packaged":
        """Open a package; `threads` bounds the cores of one call (None: all)."""
        card = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        with _ONCE:
            _share_memory()
        options.add_session_config_entry("session.use_env_allocators", "1")
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), sess_options=options, providers=_providers(), disabled_optimizers=SLOW
        )
        return cls(
            model=card["model"],
            kind=card["kind"],
            labels=tuple(card["labels"]),
            keep_handles=tuple(card["keep_handles"]),
            temperature=card.get("temperature", 1.0),
            threshold=card.get("threshold", 0.0),
            vocabulary=vocabulary(folder / "tokenizer.json", card["max_tokens"]),
            session=session,
        )

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers to masked texts, in their order."""
        return [self.answer(row) for row in self.probabilities(texts)]

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)` probabilities, calibrated by the package's temperature."""
        return self.of_tokens(self.vocabulary.ids(texts))

    def of_tokens(self, encoded: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """The same of texts that the vocabulary has read."""
        heated = self._logits(encoded) / self.temperature
        powers = np.exp(heated - heated.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def answer(self, row: npt.NDArray[np.float32]) -> Answer:
        """What the probabilities of one text say."""
        scores = {label: float(score) for label, score in zip(self.labels, row, strict=True)}
        label = max(scores, key=scores.__getitem__)
        return Answer(label, scores[label], scores, abstained=scores[label] < self.threshold)

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)`, `batch` texts of about one length at a time."""
        return self._logits(self.vocabulary.ids(texts))

    def in_batches(self, size: int) -> "Packaged":
        """The same package, which takes so many texts at a time."""
        return replace(self, batch=size)

    def reach(self, text: str) -> int:
        """How many characters of a text it reads; it is blind to what comes after."""
        return self.vocabulary.reach(text)

    def _logits(self, encoded: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        if 0 < len(encoded) <= self.batch:
            return self._run(encoded)
        rows = np.zeros((len(encoded), len(self.labels)), np.float32)
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
        for start in range(0, len(order), self.batch):
            places = order[start : start + self.batch]
            rows[places] = self._run([encoded[place] for place in places])
        return rows

    def _run(self, encoded: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        longest = max(map(len, encoded))
        ids = np.full((len(encoded), longest), self.vocabulary.pad, np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
        (logits,) = self.session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        return np.asarray(logits, dtype=np.float32)


def _providers() -> list[str]:
    """A GPU where ONNX Runtime was built for one."""
    return [name for name in PROVIDERS if name in onnxruntime.get_available_providers()]


@cache
def _share_memory() -> None:
    """One arena for all models of the process: with one for each, what a batch took of one is lost to the others."""
    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use), None)
