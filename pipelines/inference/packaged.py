"""A packaged model answers texts: ONNX Runtime and a tokenizer, nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from pipelines.inference.runtime import onnxruntime
from pipelines.inference.vocabulary import Vocabulary, vocabulary
from pipelines.kinds.kind import Answer, Reader, Rows
from pipelines.kinds.known import find, target_of_card
from pipelines.kinds.target import Target

# Fusions whose kernels are scalar code on CPUs: a sixth of the time of an int8 encoder of six layers.
SLOW = ["SkipLayerNormFusion", "BiasGeluFusion"]
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_ONCE = Lock()


@dataclass(frozen=True)
class Packaged:
    """The files `model.onnx`, `tokenizer.json` and `package.json` of one version, loaded."""

    model: str
    kind: str
    card: Mapping[str, Any]
    target: Target
    reader: Reader
    keep_handles: tuple[str, ...]
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
            card=card,
            target=target_of_card(card),
            reader=find(card["kind"]).reader(card),
            keep_handles=tuple(card["keep_handles"]),
            vocabulary=vocabulary(folder / "tokenizer.json", card["max_tokens"]),
            session=session,
        )

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers to masked texts, in their order."""
        return self.answers(self.vocabulary.ids(texts))

    def answers(self, encoded: Sequence[Sequence[int]]) -> list[Answer]:
        """The same for texts that the vocabulary has read."""
        return [self.reader.answer(row) for row in self.of_tokens(encoded)]

    def calibrated(self, texts: Sequence[str]) -> Rows:
        """`(texts, outputs)`, calibrated as the package says: of classes the probabilities."""
        return self.of_tokens(self.vocabulary.ids(texts))

    def of_tokens(self, encoded: Sequence[Sequence[int]]) -> Rows:
        """The same of texts that the vocabulary has read."""
        return self.reader.calibrated(self._logits(encoded))

    def logits(self, texts: Sequence[str]) -> Rows:
        """`(texts, outputs)`, `batch` texts of about one length at a time."""
        return self._logits(self.vocabulary.ids(texts))

    def in_batches(self, size: int) -> "Packaged":
        """The same package, which takes so many texts at a time."""
        return replace(self, batch=size)

    def reach(self, text: str) -> int:
        """How many characters of a text it reads; it is blind to what comes after."""
        return self.vocabulary.reach(text)

    def _logits(self, encoded: Sequence[Sequence[int]]) -> Rows:
        if 0 < len(encoded) <= self.batch:
            return self._run(encoded)
        rows = np.zeros((len(encoded), self.reader.width), np.float32)
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
        for start in range(0, len(order), self.batch):
            places = order[start : start + self.batch]
            rows[places] = self._run([encoded[place] for place in places])
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
    """A GPU where ONNX Runtime was built for one."""
    return [name for name in PROVIDERS if name in onnxruntime.get_available_providers()]


@cache
def _share_memory() -> None:
    """One arena for all models of the process: with one for each, what a batch took of one is lost to the others."""
    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use), None)
