"""One network in several processes: gradients averaged (DDP), or the weights themselves shared out (FSDP)."""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import FullyShardedDataParallelPlugin, fsdp2_prepare_model

from pipelines.training.distribution.distributed import own, rank, world
from pipelines.training.network.layers import layers
from pipelines.training.network.network import EncoderWithHead, Network
from pipelines.training.optimisation.training_objective import Examples


def share(batch: Examples) -> Examples:
    """This process's part of a batch; where the rows do not go round, one that weighs nothing fills the gap."""
    if world() == 1:
        return batch
    places = own(len(batch.rows))
    mine = batch.chosen([min(at, len(batch.rows) - 1) for at in places])
    return replace(mine, weights=mine.weights * torch.tensor([at < len(batch.rows) for at in places]))


@contextmanager
def shared(network: Network, seed: int) -> Iterator[Network]:
    """Within, the network learns in all processes at once; after, each has the whole of what was learnt."""
    if world() == 1:
        yield network
        return
    torch.manual_seed(seed + rank())  # each process drops out other units of its own rows
    # Some families have weights that learn nothing beside a pooler; without this a step would wait for them for ever.
    wrapping = DistributedDataParallelKwargs(find_unused_parameters=True)
    accelerator = Accelerator(cpu=network.place.type == "cpu", kwargs_handlers=[wrapping])
    with _averaged(network, accelerator) if network.sharding == "ddp" else _sharded(network, accelerator) as one:
        yield one
    accelerator.free_memory()


@contextmanager
def _averaged(network: Network, accelerator: Accelerator) -> Iterator[Network]:
    """DDP: every process has the whole network, and the gradients are averaged."""
    yield replace(network, engine=accelerator.prepare_model(EncoderWithHead(network.model)))


@contextmanager
def _sharded(network: Network, accelerator: Accelerator) -> Iterator[Network]:
    """FSDP2: a process holds its part of every weight, of its gradient and of the optimiser's memory."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict  # 1 s

    if network.precision is torch.float16:
        raise ValueError("fsdp does not scale the gradients of fp16; set the recipe's precision to bf16 or fp32")
    model = copy.deepcopy(network.model)
    network.model.cpu()
    # Accelerate gives the plugin to accelerators only; handed over here, it shards on CPUs too, where tests can see it.
    accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        transformer_cls_names_to_wrap=[type(layers(model.encoder)[1][0]).__name__],
        cpu_ram_efficient_loading=False,
    )
    yield replace(network, model=model, engine=fsdp2_prepare_model(accelerator, EncoderWithHead(model)))
    network.model.load_state_dict(get_model_state_dict(model, options=StateDictOptions(full_state_dict=True)))
    network.model.to(network.place)


def quiet(engine: Any, *, last: bool) -> AbstractContextManager[object]:
    """A pass within leaves its gradient in this process, but for the `last` of a step: then they are averaged."""
    return nullcontext() if last or not hasattr(engine, "no_sync") else engine.no_sync()
