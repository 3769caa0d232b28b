"""torch.compile of the encoder's layers, undone where it fails or gains nothing.

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
from pipelines.training.distribution.distributed import broadcast
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples, batch_loss

log = logging.getLogger(__name__)
MIN_RUN_SECONDS = 600.0  # of a run: a minute of compiling is little beside it


@contextmanager
def compiled_layers(network: Network, train: Examples, recipe: Recipe) -> Iterator[None]:
    """Within, the layers run compiled: if the recipe says `always`, or `auto` and a timed trial gains."""
    blocks = layers(network.model.encoder)[1]
    steps = recipe.epochs * -(-len(train.rows) // recipe.batch)
    try:
        if recipe.compile == "always" or (recipe.compile == "auto" and network.device.type == "cuda"):
            try_compiling(blocks, lambda: _run_pass(network, train, recipe), recipe.compile == "always", steps)
        yield
    finally:
        _undo(blocks)


def try_compiling(
    blocks: Iterable[nn.Module],
    run_pass: Callable[[], None],
    always: bool,
    steps: int,
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Compile the blocks; undo it where that fails or, unless `always`, where a step is not faster."""
    plain_seconds = 0.0 if always else broadcast(_seconds(run_pass, clock))
    if not always and plain_seconds * steps < MIN_RUN_SECONDS:
        return
    started = clock()
    for block in blocks:
        block.forward = torch.compile(block.forward, dynamic=True)
    try:
        run_pass()
    except RuntimeError as error:  # no compiler on this machine, or a network it cannot compile
        log.warning("layers are not compiled: %s", str(error).strip().partition("\n")[0])
        _undo(blocks)
        return
    compile_seconds, compiled_seconds = clock() - started, 0.0 if always else broadcast(_seconds(run_pass, clock))
    log.info("compiled the encoder's layers in %.0f s", compile_seconds)
    if compiled_seconds > plain_seconds:
        log.info("a step takes %.3f s compiled and %.3f s plain: compiling is undone", compiled_seconds, plain_seconds)
        _undo(blocks)


def _undo(blocks: Iterable[nn.Module]) -> None:
    for block in blocks:
        block.__dict__.pop("forward", None)  # the class's own method applies again; names in saved states never changed


def _run_pass(network: Network, train: Examples, recipe: Recipe) -> None:
    """One forward and backward pass that leaves no gradient and uses up no random numbers."""
    batch = train.select(range(min(recipe.batch, len(train.rows))))
    device = network.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        network.model.train()
        batch_loss(network, batch, recipe, float(batch.weights.sum())).backward()
        network.model.zero_grad(set_to_none=True)
        if device.type == "cuda":
            torch.cuda.synchronize(device)


def _seconds(run_pass: Callable[[], None], clock: Callable[[], float], times: int = 3) -> float:
    run_pass()
    started = clock()
    for _ in range(times):
        run_pass()
    return (clock() - started) / times
