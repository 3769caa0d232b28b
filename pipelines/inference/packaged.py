"""A packaged model that answers texts with ONNX Runtime and a tokenizer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from pipelines.inference.runtime import onnxruntime
from pipelines.inference.truncation import HEAD
from pipelines.inference.vocabulary import Vocabulary, load_vocabulary
from pipelines.kinds.kind import Answer, Reader, Rows
from pipelines.kinds.known import find_kind, target_of_card
from pipelines.kinds.target import Target
from pipelines.masking.rules import MaskingRules

# Fusions with scalar kernels on CPUs: they cost a sixth of the time of an int8 encoder of six layers.
SLOW = ["SkipLayerNormFusion", "BiasGeluFusion"]
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_ONCE = Lock()


@dataclass(frozen=True)
class ModelPackage:
    """One version's loaded files `model.onnx`, `tokenizer.json` and `package.json`."""

    model: str
    kind: str
    metadata: Mapping[str, Any]
    target: Target
    reader: Reader
    masking: MaskingRules
    vocabulary: Vocabulary
    session: Any
    batch: int = 1

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> "ModelPackage":
        """Load a package; `threads` limits the cores of one call (None: all)."""
        metadata = json.loads((folder / "package.json").read_text(encoding="utf-8"))
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
            model=metadata["model"],
            kind=metadata["kind"],
            metadata=metadata,
            target=target_of_card(metadata),
            reader=find_kind(metadata["kind"]).reader(metadata),
            masking=MaskingRules.of_card(metadata),
            vocabulary=load_vocabulary(
                folder / "tokenizer.json", metadata["max_tokens"], metadata.get("truncation", HEAD)
            ),
            session=session,
        )

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers to masked texts, in their order."""
        return self.predict_tokens(self.vocabulary.ids(texts))

    def predict_tokens(self, encoded: Sequence[Sequence[int]]) -> list[Answer]:
        """Answers to texts that are token ids already."""
        return [self.reader.answer(row) for row in self.calibrated_tokens(encoded)]

    def calibrated(self, texts: Sequence[str]) -> Rows:
        """Calibrated outputs `(texts, outputs)`: for classes the probabilities."""
        return self.calibrated_tokens(self.vocabulary.ids(texts))

    def calibrated_tokens(self, encoded: Sequence[Sequence[int]]) -> Rows:
        """Calibrated outputs `(texts, outputs)` of texts that are token ids already."""
        return self.reader.calibrate(self._logits(encoded))

    def logits(self, texts: Sequence[str]) -> Rows:
        """Logits `(texts, outputs)`, computed for `batch` texts of about one length at a time."""
        return self._logits(self.vocabulary.ids(texts))

    def with_batch_size(self, size: int) -> "ModelPackage":
        """The same package with another batch size."""
        return replace(self, batch=size)

    def visible(self, text: str) -> str:
        """The part of a text that the model reads; the rest is cut off."""
        return self.vocabulary.visible(text)

    def _logits(self, encoded: Sequence[Sequence[int]]) -> Rows:
        if 0 < len(encoded) <= self.batch:
            return self._run(encoded)
        rows = np.zeros((len(encoded), self.reader.width), np.float32)
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
        for start in range(0, len(order), self.batch):
            indices = order[start : start + self.batch]
            rows[indices] = self._run([encoded[index] for index in indices])
        return rows

    def _run(self, encoded: Sequence[Sequence[int]]) -> Rows:
        longest = max(map(len, encoded))
        ids = np.full((len(encoded), longest), self.vocabulary.pad, np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
        (logits,) = self.session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        return np.asarray(logits, dtype=np.float32)


def _providers() -> list[str]:
    """Execution providers: a GPU first, if ONNX Runtime was built for one."""
    return [name for name in PROVIDERS if name in onnxruntime.get_available_providers()]


@cache
def _share_memory() -> None:
    """One memory arena for all models of the process: separate arenas never give memory back to each other."""
    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use), None)
