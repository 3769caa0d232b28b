"""A recipe on a data set by the engine: trained as a challenger is, without packaging, and timed all in."""

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
from pipelines.bench.recipes import Kept
from pipelines.bench.split import Rows, Split
from pipelines.catalog.spec import Gate, ModelSpec, Source
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.known import find
from pipelines.training.fine_tuning import Learnt, learnt
from pipelines.training.network.batches import encoded
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Curve
from pipelines.training.pretraining.pretraining import adopted

Point = tuple[float, float]


@dataclass(frozen=True)
class Trained:
    """What learnt, in how many seconds (load, tokenise, train), and `(seconds, validation accuracy)` on the way."""

    learnt: Learnt
    spec: ModelSpec
    seconds: float
    points: list[Point]

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, labels)`, as the mean answer where several networks learnt."""
        objective = find(self.spec.kind).objective
        found = [self._scored(net, texts, embeddings=False) for net in self.learnt.nets]
        return found[0] if len(found) == 1 else objective.mean([torch.tensor(one) for one in found]).numpy()

    def embeddings(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(texts, hidden)`, of all networks side by side."""
        return np.hstack([self._scored(net, texts, embeddings=True) for net in self.learnt.nets])

    def _scored(self, net: Network, texts: Sequence[str], *, embeddings: bool) -> npt.NDArray[np.float32]:
        rows = net.rows(encoded(texts, self.learnt.tokenizer, self.spec.recipe.max_tokens))
        with net.learning():
            return net.scored(rows, embeddings=embeddings)

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        return [self.spec.target.names[index] for index in self.logits(texts).argmax(1)]


def trained(kept: Kept, split: Split, seed: int, bench: Bench) -> Trained:
    """A fresh network after its lesson."""
    return _timed(_lesson(kept, split), spec(kept, split, seed), None, bench)


def again(kept: Kept, split: Split, feedback: Rows, champion: Path, seed: int, bench: Bench) -> Trained:
    """The champion of a folder after it learnt again, from feedback and what it rehearses of the train texts."""
    own = spec(kept, split, seed)
    told = frame(feedback).assign(origin="feedback", weight=own.recipe.alpha)
    return _timed(pd.concat([_lesson(kept, split), told]), own, champion, bench)


def _lesson(kept: Kept, split: Split) -> pd.DataFrame:
    return pd.concat([frame(split.train), frame(split.validation, validation=not kept.whole)])


def spec(kept: Kept, split: Split, seed: int) -> ModelSpec:
    """The recipe as a declared model; nothing gates a benchmark."""
    return ModelSpec(
        name=kept.name,
        target=Labels(labels=split.labels),
        source=Source(uri=f"bench:{kept.data}"),
        base=kept.base,
        recipe=kept.recipe.model_copy(update={"seed": seed}),
        gate=Gate(macro_f1=0, accuracy=0, margin=0, lead=0),
    )


def frame(rows: Rows, *, validation: bool = False) -> pd.DataFrame:
    """Rows as training takes them: columns text, label, validation, origin, weight."""
    found = pd.DataFrame({"text": list(rows.texts), "label": list(rows.labels)}, dtype="str")
    return found.assign(validation=validation, origin="source", weight=list(rows.weights)).astype(
        {"validation": "bool"}
    )


def _timed(rows: pd.DataFrame, own: ModelSpec, champion: Path | None, bench: Bench) -> Trained:
    clock = Clock()
    stamps, meter = _Stamps(clock, bench, f"{own.name} seed {own.recipe.seed}"), Meter(own.recipe.budget)
    with tempfile.TemporaryDirectory() as folder:  # of an encoder that read the texts first
        told = own if champion else adopted(rows, (), own, Path(folder) / "encoder", stamps.tell, meter)[0]
        found = learnt(rows, told, champion, stamps.watch, meter)
    seconds = clock.pause()
    points = stamps.points(found.curve, seconds) if rows["validation"].any() else []
    return Trained(found, own, seconds, points)


@dataclass
class _Stamps:
    """When the loop checked, while it tells people how far it is."""

    clock: Clock
    bench: Bench
    name: str
    first: float | None = None
    checks: list[float] = field(default_factory=list)

    def watch(self, step: int, steps: int, _loss: float, score: float | None) -> None:
        """Called by the loop after each step and each check."""
        if score is not None:
            self.checks.append(self.clock.seconds)
        elif step == 1:
            self.first = self.clock.seconds
        self.tell(step, steps)

    def tell(self, step: int, steps: int, *_: object) -> None:
        """How far it is."""
        self.bench.progress(self.name, step, steps)

    def points(self, curve: Curve, seconds: float) -> list[Point]:
        """The checks of the last network that learnt; its start is where the first step, or the one before, ended."""
        scores = [score for _, score in curve.accuracy]
        later = self.checks[len(self.checks) - len(scores) + 1 :]
        earlier = self.checks[: len(self.checks) - len(later)]
        start = seconds if self.first is None else earlier[-1] if earlier else self.first
        return list(zip([start, *later], scores, strict=True))
