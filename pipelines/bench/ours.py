"""A setup trained by Needloop's engine like a challenger, without packaging, with the total time."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from pipelines.bench.clock import Clock
from pipelines.bench.part import Bench
from pipelines.bench.recipes import Setup
from pipelines.bench.split import Rows, Split
from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.known import find_kind
from pipelines.training.fine_tuning import TrainedNetworks, train_networks
from pipelines.training.network.batches import tokenise
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Curve
from pipelines.training.pretraining.pretraining import with_pretrained_base

Point = tuple[float, float]


@dataclass(frozen=True)
class TrainedModel:
    """The networks, seconds of load, tokenise and train, and `(seconds, validation accuracy)` of each check."""

    learnt: TrainedNetworks
    spec: ModelSpec
    seconds: float
    points: list[Point]

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)`; the mean of several networks."""
        objective = find_kind(self.spec.kind).objective
        logits = [self._scored(net, texts, embeddings=False) for net in self.learnt.nets]
        return logits[0] if len(logits) == 1 else objective.mean([torch.tensor(part) for part in logits]).numpy()

    def embeddings(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, hidden)`, concatenated over all networks."""
        return np.hstack([self._scored(net, texts, embeddings=True) for net in self.learnt.nets])

    def _scored(self, net: Network, texts: Sequence[str], *, embeddings: bool) -> npt.NDArray[np.float32]:
        recipe = self.spec.recipe
        rows = net.prepare(tokenise(texts, self.learnt.tokenizer, recipe.max_tokens, recipe.truncation))
        with net.trainable_part():
            return net.predict(rows, embeddings=embeddings)

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        return [self.spec.target.names[index] for index in self.logits(texts).argmax(1)]


def train(setup: Setup, split: Split, seed: int, bench: Bench) -> TrainedModel:
    """A newly trained network."""
    return _timed(_training_rows(setup, split), spec(setup, split, seed), None, bench)


def retrain(setup: Setup, split: Split, feedback: Rows, champion: Path, seed: int, bench: Bench) -> TrainedModel:
    """The champion in a folder, retrained from feedback and replayed train texts."""
    model = spec(setup, split, seed)
    feedback_rows = frame(feedback).assign(origin="feedback", weight=model.recipe.alpha)
    return _timed(pd.concat([_training_rows(setup, split), feedback_rows]), model, champion, bench)


def _training_rows(setup: Setup, split: Split) -> pd.DataFrame:
    return pd.concat([frame(split.train), frame(split.validation, validation=not setup.whole)])


def spec(setup: Setup, split: Split, seed: int) -> ModelSpec:
    """The setup as a declared model; its gate is unused."""
    return ModelSpec(
        name=setup.name,
        target=Labels(labels=split.labels),
        source=Source(uri=f"bench:{setup.data}"),
        base_model=setup.base,
        recipe=setup.recipe.model_copy(update={"seed": seed}),
        gate=Gate(min_macro_f1=0, min_accuracy=0, margin=0, min_gain_over_baseline=0),
    )


def frame(rows: Rows, *, validation: bool = False) -> pd.DataFrame:
    """Rows in the form of training: columns text, label, validation, origin, weight."""
    table = pd.DataFrame({"text": list(rows.texts), "label": list(rows.labels)}, dtype="str")
    return table.assign(validation=validation, origin="source", weight=list(rows.weights)).astype(
        {"validation": "bool"}
    )


def _timed(rows: pd.DataFrame, model: ModelSpec, champion: Path | None, bench: Bench) -> TrainedModel:
    clock = Clock()
    stamps, meter = _Stamps(clock, bench, f"{model.name} seed {model.recipe.seed}"), Meter(model.recipe.budget)
    with tempfile.TemporaryDirectory() as folder:  # of an encoder with further pretraining
        pretrained = (
            model
            if champion
            else with_pretrained_base(rows, (), model, Path(folder) / "encoder", stamps.report, meter)[0]
        )
        networks = train_networks(rows, pretrained, champion, stamps.watch, meter)
    seconds = clock.pause()
    points = stamps.points(networks.curve, seconds) if rows["validation"].any() else []
    return TrainedModel(networks, model, seconds, points)


@dataclass
class _Stamps:
    """Times of the loop's checks; also reports progress."""

    clock: Clock
    bench: Bench
    name: str
    first: float | None = None
    checks: list[float] = field(default_factory=list)

    def watch(self, step: int, steps: int, _loss: float, score: float | None) -> None:
        """Callback of the loop after each step and each check."""
        if score is not None:
            self.checks.append(self.clock.seconds)
        elif step == 1:
            self.first = self.clock.seconds
        self.report(step, steps)

    def report(self, step: int, steps: int, *_: object) -> None:
        """Report progress."""
        self.bench.progress(self.name, step, steps)

    def points(self, curve: Curve, seconds: float) -> list[Point]:
        """The checks of the last network; its start is the end of the first step or of the previous network."""
        scores = [score for _, score in curve.accuracy]
        later_checks = self.checks[len(self.checks) - len(scores) + 1 :]
        earlier_checks = self.checks[: len(self.checks) - len(later_checks)]
        start = seconds if self.first is None else earlier_checks[-1] if earlier_checks else self.first
        return list(zip([start, *later_checks], scores, strict=True))
