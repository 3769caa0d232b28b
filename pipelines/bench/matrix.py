"""How much of the machine's matrix-product rate training uses, counting only work that had to be done."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pipelines.bench import ours, results_file
from pipelines.bench.data import identity, loaded
from pipelines.bench.machine import matrix_rate
from pipelines.bench.part import Bench, Measure, Progress
from pipelines.bench.recipes import KEPT, Kept
from pipelines.bench.split import Rows, Split
from pipelines.training.network.device import device, name_of, precision
from pipelines.training.network.encoder import pretrained
from pipelines.training.network.network import Network, network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import TrainingData, examples, learn

PART = "matrix-rate"
NAMES = (PART, "matrix-rate-auto", "matrix-rate-airline", "matrix-rate-airline-auto")
GOAL = 0.70


def share(bench: Bench) -> Iterator[Measure]:
    """Useful operations a second of the training steps, over the best rate in that precision right before and after.

    On questions of a line and on messages twice as long; in fp32, and in bf16 where this machine trains in it.
    """
    listed = [KEPT[name] for name in NAMES]
    used = {(kept.data, name_of(precision(device(), kept.recipe.precision))): kept for kept in listed}
    for (_, dtype), kept in used.items():
        split = loaded(kept.data, bench.data)
        for seed in kept.seeds:
            key = [PART, kept.identity(), seed, identity(kept.data, bench.data)]
            file = bench.work / "runs" / PART / f"{kept.name}-{seed}.json"
            found = results_file.remembered(bench, file, key, partial(rates, kept, split, seed, bench))
            yield _measure(kept.name, dtype, seed, found)


def rates(kept: Kept, split: Split, seed: int, bench: Bench) -> dict[str, float]:
    """Operations a second: of the best matrix product before and after, and the useful ones of the steps between."""
    spec = ours.spec(kept, split, seed)
    torch.manual_seed(seed)
    model, tokenizer = pretrained(spec.base, len(spec.target.names), spec.recipe.dropout, spec.recipe.encoder_dropout)
    place = device()
    net = network(model, place, spec.recipe.frozen_layers, precision(place, spec.recipe.precision))
    lesson = TrainingData(*(examples(ours.frame(rows), net, tokenizer, spec) for rows in (split.train, Rows())))
    steps = Steps(f"{kept.name} seed {seed}", bench.progress)
    before = matrix_rate(net.place, net.precision)
    with steps.counted(net):
        learn(net, lesson, spec.recipe, steps.watch, Meter(), fresh=True)
    after = matrix_rate(net.place, net.precision)
    useful = sum(times * operations(net, lesson.train.rows, length) for length, times in steps.lengths.items())
    real = sum(length * times for length, times in steps.lengths.items()) / steps.padded
    return {
        "before": before,
        "after": after,
        "useful": useful / steps.seconds,
        "real": real,
        "seconds": steps.seconds,
    }


def operations(net: Network, rows: Sequence[Tensor], length: int) -> int:
    """Operations of all matrix products to learn from one text of so many tokens, there and back, nothing padded."""
    row = next(row for row in rows if len(row) == length)
    net.model.train()
    # The fused attention of CPUs is not counted; its plain form does the same products.
    with net.learning(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        net.logits([row]).sum().backward()
    return int(counter.get_total_flops())


@dataclass
class Steps:
    """The training steps of a run: their seconds, without checks, and the lengths of the texts that passed."""

    name: str
    progress: Progress
    seconds: float = 0.0
    lengths: Counter[int] = field(default_factory=Counter)
    padded: int = 0
    since: float = 0.0
    waiting: list[tuple[float, Tensor]] = field(default_factory=list)

    @contextmanager
    def counted(self, net: Network) -> Iterator[None]:
        """Within, every text that passes the encoder in a step is counted."""
        hook = net.model.encoder.register_forward_pre_hook(self._seen, with_kwargs=True)
        try:
            yield
        finally:
            hook.remove()

    def _seen(self, _encoder: object, _inputs: object, named: dict[str, Tensor]) -> None:
        self.waiting.append((time.perf_counter(), named["attention_mask"]))

    def watch(self, step: int, steps: int, _loss: float, score: float | None) -> None:
        """Called by the loop after each step, and with a score after each check, which is no step."""
        if score is None:
            self.count(step == 1)
        self.since, self.waiting = time.perf_counter(), []
        self.progress(self.name, step, steps)

    def count(self, first: bool) -> None:
        """Take in a step. What passed before the very first was no step; that one began with its own pass."""
        passes = self.waiting[-1:] if first else self.waiting
        self.seconds += time.perf_counter() - (passes[0][0] if first else self.since)
        for _, mask in passes:
            self.lengths.update(mask.sum(1).tolist())
            self.padded += mask.numel()


def _measure(recipe: str, dtype: str, seed: int, found: dict[str, float]) -> Measure:
    best = max(found["before"], found["after"])
    note = f"{found['useful'] / 1e9:.1f} of {best / 1e9:.1f} GFLOP/s in {dtype}; {found['real']:.0%} of tokens are real"
    return Measure(
        part=PART,
        recipe=recipe,
        figure="share of the matrix-product rate",
        value=found["useful"] / best,
        goal=GOAL,
        seconds=found["seconds"],
        seed=seed,
        note=note,
    )
