"""torch.compile where it pays: layer by layer, tried before the descent, taken back where it fails or gains nothing.

Measured on two cores of an AMD EPYC with AVX512-BF16, the packaged encoder's three upper layers, 64 texts of 32 tokens,
one thread: compiling takes 26 to 31 s of CPU time, and a step gains nothing by it (CPU seconds plain and compiled: 0.93
and 0.91 in fp32, 0.61 and 0.60 in bf16; in another run 1.00 and 1.03). So `auto` never compiles on a CPU. Nothing was
measured on a GPU: there `auto` tries it in runs of ten minutes and more, and keeps it only if a step gets faster.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import agreed
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples, loss_of

log = logging.getLogger(__name__)
LONG = 600.0  # seconds of a run beside which a minute of compiling is little


@contextmanager
def compiled(network: Network, train: Examples, recipe: Recipe) -> Iterator[None]:
    """Within, the layers run compiled if the recipe says so, or if it says `auto` and a trial finds that it pays."""
    blocks = layers(network.model.encoder)[1]
    steps = recipe.epochs * -(-len(train.rows) // recipe.batch)
    try:
        if recipe.compile == "always" or (recipe.compile == "auto" and network.place.type == "cuda"):
            _try(blocks, lambda: _pass(network, train, recipe), recipe.compile == "always", steps)
        yield
    finally:
        _plain(blocks)


def _try(blocks: Iterable[nn.Module], work: Callable[[], None], always: bool, steps: int) -> None:
    """Leave the blocks compiled where that works and, unless it is to be `always`, where it is faster."""
    before = 0.0 if always else agreed(_seconds(work))
    if not always and before * steps < LONG:
        return
    started = time.perf_counter()
    for block in blocks:
        block.forward = torch.compile(block.forward, dynamic=True)
    try:
        work()
    except RuntimeError as error:  # no compiler on this machine, or a network it cannot compile
        log.warning("not compiled: %s", str(error).strip().partition("\n")[0])
        _plain(blocks)
        return
    spent, after = time.perf_counter() - started, 0.0 if always else agreed(_seconds(work))
    log.info("compiled the encoder's layers in %.0f s", spent)
    if after > before:
        log.info("a step takes %.3f s compiled and %.3f s plain: taken back", after, before)
        _plain(blocks)


def _plain(blocks: Iterable[nn.Module]) -> None:
    for block in blocks:
        block.__dict__.pop("forward", None)  # the class's own is there again; names in saved states never changed


def _pass(network: Network, train: Examples, recipe: Recipe) -> None:
    """Once forward and back, without a trace: no gradient is left and no random number is used up."""
    batch = train.chosen(range(min(recipe.batch, len(train.rows))))
    place = network.place
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        network.model.train()
        loss_of(network, batch, recipe, float(batch.weights.sum())).backward()
        network.model.zero_grad(set_to_none=True)
        if place.type == "cuda":
            torch.cuda.synchronize(place)


def _seconds(work: Callable[[], None], times: int = 3) -> float:
    work()
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times
