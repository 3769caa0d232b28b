"""Training of one network in several processes: gradients averaged (DDP), or the weights sharded (FSDP)."""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import FullyShardedDataParallelPlugin, fsdp2_prepare_model

from pipelines.training.distribution.distributed import own_indices, rank, world_size
from pipelines.training.network.encoder import EncoderWithHead
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples


def own_share(batch: Examples) -> Examples:
    """This process's rows of a batch; a row of weight 0 fills a gap."""
    if world_size() == 1:
        return batch
    indices = own_indices(len(batch.rows))
    own_rows = batch.select([min(index, len(batch.rows) - 1) for index in indices])
    return replace(own_rows, weights=own_rows.weights * torch.tensor([index < len(batch.rows) for index in indices]))


@contextmanager
def parallel_network(network: Network, seed: int) -> Iterator[Network]:
    """Within, all processes train the network together; afterwards each has all trained weights."""
    if world_size() == 1:
        yield network
        return
    torch.manual_seed(seed + rank())  # other dropout in each process
    # Some families have weights without a gradient beside the pooler; without this a step would wait for them for ever.
    ddp_settings = DistributedDataParallelKwargs(find_unused_parameters=True)
    accelerator = Accelerator(cpu=network.device.type == "cpu", kwargs_handlers=[ddp_settings])
    with _with_ddp(network, accelerator) if network.sharding == "ddp" else _with_fsdp(network, accelerator) as parallel:
        yield parallel
    accelerator.free_memory()


@contextmanager
def _with_ddp(network: Network, accelerator: Accelerator) -> Iterator[Network]:
    """DDP: every process has the whole network, and the gradients are averaged."""
    yield replace(network, parallel_model=accelerator.prepare_model(EncoderWithHead(network.model)))


@contextmanager
def _with_fsdp(network: Network, accelerator: Accelerator) -> Iterator[Network]:
    """FSDP2: a process holds its shard of every weight, of its gradient and of the optimiser's state."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict  # 1 s

    if network.precision is torch.float16:
        raise ValueError("FSDP cannot scale the gradients of fp16; set the recipe's precision to bf16 or fp32")
    model = copy.deepcopy(network.model)
    network.model.cpu()
    # Accelerate passes the plugin to GPUs only; set here, it shards on CPUs too, where tests can check it.
    accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        transformer_cls_names_to_wrap=[type(layers(model.encoder)[1][0]).__name__],
        cpu_ram_efficient_loading=False,
    )
    yield replace(network, model=model, parallel_model=fsdp2_prepare_model(accelerator, EncoderWithHead(model)))
    network.model.load_state_dict(get_model_state_dict(model, options=StateDictOptions(full_state_dict=True)))
    network.model.to(network.device)


def gradient_sync(engine: Any, *, last: bool) -> AbstractContextManager[object]:
    """Context of a backward pass: gradients stay local, except in the `last` pass of a step, which averages them."""
    return nullcontext() if last or not hasattr(engine, "no_sync") else engine.no_sync()
