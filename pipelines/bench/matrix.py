"""The share of the machine's matrix-product rate that training uses, counting only useful operations."""

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
from pipelines.bench.data import identity, load_split
from pipelines.bench.machine import matrix_rate
from pipelines.bench.part import Bench, BenchMeasure, Progress
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.bench.split import Rows, Split
from pipelines.training.network.device import choose_device, compute_dtype, precision_name
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import Network, make_network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import TrainingData, build_examples, train_network

PART = "matrix-rate"
NAMES = (PART, "matrix-rate-auto", "matrix-rate-airline", "matrix-rate-airline-auto")
GOAL = 0.70


def share(bench: Bench) -> Iterator[BenchMeasure]:
    """Useful operations per second of the training steps, over the best rate in that precision before and after.

    Measured on one-line questions and on messages twice as long; in fp32, and in bf16 if this machine trains in it.
    """
    setups = [SETUPS[name] for name in NAMES]
    by_precision = {
        (setup.data, precision_name(compute_dtype(choose_device(), setup.recipe.precision))): setup for setup in setups
    }
    for (_, dtype), setup in by_precision.items():
        split = load_split(setup.data, bench.data)
        for seed in setup.seeds:
            key = [PART, setup.identity(), seed, identity(setup.data, bench.data)]
            file = bench.work / "runs" / PART / f"{setup.name}-{seed}.json"
            result = results_file.load_or_compute(bench, file, key, partial(rates, setup, split, seed, bench))
            yield _measure(setup.name, dtype, seed, result)


def rates(setup: Setup, split: Split, seed: int, bench: Bench) -> dict[str, float]:
    """Operations per second: the best matrix product before and after, and the useful ones of the steps between."""
    spec = ours.spec(setup, split, seed)
    torch.manual_seed(seed)
    model, tokenizer = load_pretrained(
        spec.base_model, len(spec.target.names), spec.recipe.dropout, spec.recipe.encoder_dropout
    )
    device = choose_device()
    net = make_network(model, device, spec.recipe.frozen_layers, compute_dtype(device, spec.recipe.precision))
    data = TrainingData(*(build_examples(ours.frame(rows), net, tokenizer, spec) for rows in (split.train, Rows())))
    steps = Steps(f"{setup.name} seed {seed}", bench.progress)
    before = matrix_rate(net.device, net.precision)
    with steps.counting(net):
        train_network(net, data, spec.recipe, steps.watch, Meter(), fresh=True)
    after = matrix_rate(net.device, net.precision)
    useful = sum(times * operations(net, data.train.rows, length) for length, times in steps.lengths.items())
    real = sum(length * times for length, times in steps.lengths.items()) / steps.padded
    return {
        "before": before,
        "after": after,
        "useful": useful / steps.seconds,
        "real": real,
        "seconds": steps.seconds,
    }


def operations(net: Network, rows: Sequence[Tensor], length: int) -> int:
    """Operations of all matrix products for one text of this length, forward and backward, without padding."""
    row = next(row for row in rows if len(row) == length)
    net.model.train()
    # The fused attention of CPUs is not counted; its unfused form has the same products.
    with net.trainable_part(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        net.logits([row]).sum().backward()
    return int(counter.get_total_flops())


@dataclass
class Steps:
    """Seconds of the training steps without the checks, and the lengths of the texts in them."""

    name: str
    progress: Progress
    seconds: float = 0.0
    lengths: Counter[int] = field(default_factory=Counter)
    padded: int = 0
    step_end: float = 0.0
    pending: list[tuple[float, Tensor]] = field(default_factory=list)

    @contextmanager
    def counting(self, net: Network) -> Iterator[None]:
        """Count every text that passes the encoder inside the context."""
        hook = net.model.encoder.register_forward_pre_hook(self._on_pass, with_kwargs=True)
        try:
            yield
        finally:
            hook.remove()

    def _on_pass(self, _encoder: object, _inputs: object, arguments: dict[str, Tensor]) -> None:
        self.pending.append((time.perf_counter(), arguments["attention_mask"]))

    def watch(self, step: int, steps: int, _loss: float, score: float | None) -> None:
        """Callback of the loop after each step, and with a score after each check, which is no step."""
        if score is None:
            self.count(step == 1)
        self.step_end, self.pending = time.perf_counter(), []
        self.progress(self.name, step, steps)

    def count(self, first: bool) -> None:
        """Count a step. Passes before the first step are ignored; the first step begins with its own pass."""
        passes = self.pending[-1:] if first else self.pending
        self.seconds += time.perf_counter() - (passes[0][0] if first else self.step_end)
        for _, mask in passes:
            self.lengths.update(mask.sum(1).tolist())
            self.padded += mask.numel()


def _measure(recipe: str, dtype: str, seed: int, result: dict[str, float]) -> BenchMeasure:
    best = max(result["before"], result["after"])
    note = (
        f"{result['useful'] / 1e9:.1f} of {best / 1e9:.1f} GFLOP/s in {dtype}; {result['real']:.0%} of tokens are real"
    )
    return BenchMeasure(
        part=PART,
        recipe=recipe,
        figure="share of the matrix-product rate",
        value=result["useful"] / best,
        goal=GOAL,
        seconds=result["seconds"],
        seed=seed,
        note=note,
    )
