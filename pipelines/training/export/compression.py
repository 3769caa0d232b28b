"""What making a network small cost and saved: the package before and after, on the same texts, on one thread."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ne
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.spec import ModelSpec
from pipelines.inference.packaged import Packaged
from pipelines.kinds.known import find
from pipelines.kinds.target import Target
from pipelines.training.export.fitted_thresholds import calibrate
from pipelines.training.export.packaging import quantised, whole_package
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.ensemble import Averaged
from pipelines.training.pruning.prune_heads import kept_heads

TEXTS = 100  # rows that are raced; they tell enough: each is answered twice, one at a time


@dataclass(frozen=True)
class Form:
    """One form of a network: bytes on disk, milliseconds for one text, how right it is, how often not as fp32."""

    precision: str
    pruned: str
    bytes: int
    ms: float
    scores: Mapping[str, float]
    flipped: float
    temperature: float = 1.0

    @property
    def name(self) -> str:
        """Its precision, and what was left out of the network."""
        return ", ".join(filter(None, (self.precision, self.pruned)))

    def row(self) -> dict[str, str | float]:
        """For a table."""
        return {"network": self.name} | self._numbers()

    def figures(self) -> dict[str, float]:
        """By name, as MLflow logs them."""
        return {f"compression.{self.precision}.{name}": value for name, value in self._numbers().items()}

    def _numbers(self) -> dict[str, float]:
        numbers = {"bytes": self.bytes, "ms": self.ms, **self.scores}
        numbers |= {"flipped": self.flipped, "temperature": self.temperature}
        return {name: float(value) for name, value in numbers.items()}


Compression = tuple[Form, ...]


def compressed(
    model: Classifier | Averaged,
    tokenizer: PreTrainedTokenizerBase,
    spec: ModelSpec,
    folder: Path,
    held: pd.DataFrame,
    texts: Sequence[str] = (),
) -> Compression:
    """Write the int8 package into `folder`, and say how it and the fp32 one do on the rows `held` (text, label).

    Each is calibrated by itself, because rounding moves confidences; `texts` are such as they will read. Without rows
    there is nothing to say: no forms.
    """
    with whole_package(model, tokenizer, spec, folder) as whole:
        pair = Pair(pruned(model), whole, quantised(whole, folder, texts))
        for form in (pair.whole, pair.small):
            calibrate(form, held)
        return compared([pair], held.head(TEXTS), spec.target) if len(held) else ()


@dataclass(frozen=True)
class Pair:
    """The packages of one network, in fp32 and in int8, and what was left out of it."""

    pruned: str
    whole: Path
    small: Path


def compared(pairs: Sequence[Pair], held: pd.DataFrame, target: Target) -> Compression:
    """Two forms of each network; its int8 answers flip against its fp32 ones. Times hold within one call only."""
    found = _raced([folder for pair in pairs for folder in (pair.whole, pair.small)], held["text"].tolist())
    scores, cells = find(target.kind).fitting.scores, held["label"].tolist()
    return tuple(
        form
        for pair, whole, small in zip(pairs, found[::2], found[1::2], strict=True)
        for form in (
            _form("fp32", pair, whole, whole, scores(cells, whole.answers, target)),
            _form("int8", pair, small, whole, scores(cells, small.answers, target)),
        )
    )


def pruned(model: Classifier | Averaged) -> str:
    """What was left out of the encoder, in words for a table; empty where nothing was."""
    encoder: Any = (model.members[0] if isinstance(model, Averaged) else model).encoder
    layers, kept = getattr(encoder.config, "left_out_layers", 0), kept_heads(encoder)
    heads = f"{encoder.config.num_attention_heads - len(kept[0])} heads a layer fewer" if kept else ""
    return ", ".join(filter(None, (f"{layers} layers fewer" if layers else "", heads)))


@dataclass(frozen=True)
class _Run:
    """The cell of a package's answer to each text, and the seconds it took."""

    folder: Path
    temperature: float
    answers: list[str]
    seconds: list[float]


def _raced(folders: Sequence[Path], texts: Sequence[str]) -> list[_Run]:
    """Every package asked for every text, in turns: so a busy moment of the machine is everybody's."""
    opened = [(folder, Packaged.load(folder, threads=1)) for folder in folders]
    loaded = [(packaged, _Run(folder, packaged.card.get("temperature", 1.0), [], [])) for folder, packaged in opened]
    for text in texts:
        for packaged, run in loaded:
            started = time.perf_counter()
            (answer,) = packaged.predict([text])
            run.seconds.append(time.perf_counter() - started)
            run.answers.append(answer.told)
    return [run for _, run in loaded]


def _form(precision: str, pair: Pair, run: _Run, whole: _Run, scores: Mapping[str, float]) -> Form:
    return Form(
        precision=precision,
        pruned=pair.pruned,
        bytes=(run.folder / "model.onnx").stat().st_size,
        ms=1000 * median(run.seconds),
        scores=scores,
        flipped=float(np.mean(list(map(ne, run.answers, whole.answers)))),
        temperature=run.temperature,
    )
