"""Cost and gain of quantisation: the package before and after, on the same texts, on one thread."""

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
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.known import find_kind
from pipelines.kinds.target import Target
from pipelines.training.export.fitted_thresholds import calibrate
from pipelines.training.export.packaging import fp32_package, quantise
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.ensemble import EnsembleMean
from pipelines.training.pruning.prune_heads import kept_heads

TEXTS = 100  # rows that are timed: each is answered by both packages, one at a time


@dataclass(frozen=True)
class Form:
    """One form of a network: bytes on disk, ms for one text, scores, share of answers that differ from fp32."""

    precision: str
    pruned: str
    bytes: int
    ms: float
    scores: Mapping[str, float]
    flipped: float
    temperature: float = 1.0

    @property
    def name(self) -> str:
        """Precision and pruning of the network."""
        return ", ".join(filter(None, (self.precision, self.pruned)))

    def row(self) -> dict[str, str | float]:
        """Row of a table."""
        return {"network": self.name} | self._numbers()

    def figures(self) -> dict[str, float]:
        """MLflow metrics by name."""
        return {f"compression.{self.precision}.{name}": value for name, value in self._numbers().items()}

    def _numbers(self) -> dict[str, float]:
        numbers = {"bytes": self.bytes, "ms": self.ms, **self.scores}
        numbers |= {"flipped": self.flipped, "temperature": self.temperature}
        return {name: float(value) for name, value in numbers.items()}


Compression = tuple[Form, ...]


def compress(
    model: Classifier | EnsembleMean,
    tokenizer: PreTrainedTokenizerBase,
    spec: ModelSpec,
    folder: Path,
    validation: pd.DataFrame,
    texts: Sequence[str] = (),
) -> Compression:
    """Write the int8 package into `folder`; compare it and the fp32 package on the rows `validation` (text, label).

    Each is calibrated by itself, because rounding moves confidences; `texts` are representative inputs for the
    activation scales. Without rows the result is empty.
    """
    with fp32_package(model, tokenizer, spec, folder) as fp32:
        pair = PackagePair(describe_pruning(model), fp32, quantise(fp32, folder, texts))
        for form in (pair.whole, pair.small):
            calibrate(form, validation)
        return compare_packages([pair], validation.head(TEXTS), spec.target) if len(validation) else ()


@dataclass(frozen=True)
class PackagePair:
    """The fp32 and the int8 package of one network, and its pruning in words."""

    pruned: str
    whole: Path
    small: Path


def compare_packages(pairs: Sequence[PackagePair], validation: pd.DataFrame, target: Target) -> Compression:
    """Both forms of each network; int8 answers are compared with fp32 ones. Times compare within one call only."""
    runs = _time_packages(
        [folder for pair in pairs for folder in (pair.whole, pair.small)], validation["text"].tolist()
    )
    scores, cells = find_kind(target.kind).fitting.scores, validation["label"].tolist()
    return tuple(
        form
        for pair, whole, small in zip(pairs, runs[::2], runs[1::2], strict=True)
        for form in (
            _form("fp32", pair, whole, whole, scores(cells, whole.answers, target)),
            _form("int8", pair, small, whole, scores(cells, small.answers, target)),
        )
    )


def describe_pruning(model: Classifier | EnsembleMean) -> str:
    """Pruning of the encoder in words for a table; empty for an unpruned one."""
    encoder: Any = (model.members[0] if isinstance(model, EnsembleMean) else model).encoder
    layers, heads_left = getattr(encoder.config, "left_out_layers", 0), kept_heads(encoder)
    heads = f"{encoder.config.num_attention_heads - len(heads_left[0])} heads a layer fewer" if heads_left else ""
    return ", ".join(filter(None, (f"{layers} layers fewer" if layers else "", heads)))


@dataclass(frozen=True)
class _Run:
    """A package's answers to all texts, as cells, and the seconds for each."""

    folder: Path
    temperature: float
    answers: list[str]
    seconds: list[float]


def _time_packages(folders: Sequence[Path], texts: Sequence[str]) -> list[_Run]:
    """Answer every text with every package in turns, so that a busy moment of the machine affects all of them."""
    packages = [(folder, ModelPackage.load(folder, threads=1)) for folder in folders]
    loaded = [
        (packaged, _Run(folder, packaged.metadata.get("temperature", 1.0), [], [])) for folder, packaged in packages
    ]
    for text in texts:
        for packaged, run in loaded:
            started = time.perf_counter()
            (answer,) = packaged.predict([text])
            run.seconds.append(time.perf_counter() - started)
            run.answers.append(answer.comparison_key)
    return [run for _, run in loaded]


def _form(precision: str, pair: PackagePair, run: _Run, whole: _Run, scores: Mapping[str, float]) -> Form:
    return Form(
        precision=precision,
        pruned=pair.pruned,
        bytes=(run.folder / "model.onnx").stat().st_size,
        ms=1000 * median(run.seconds),
        scores=scores,
        flipped=float(np.mean(list(map(ne, run.answers, whole.answers)))),
        temperature=run.temperature,
    )
