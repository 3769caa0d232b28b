"""Fine-tuning: from a snapshot to a challenger, from a pretrained encoder or from the champion."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind
from pipelines.training.adapters.attaching import merge_adapters
from pipelines.training.augmentation.copies import augment
from pipelines.training.challenger import Challenger, curves_picture
from pipelines.training.distribution.distributed import broadcast, rank, total_cost, world_size
from pipelines.training.export.compression import Compression, compress
from pipelines.training.export.saving import save
from pipelines.training.export.trained_answers import record_answers
from pipelines.training.initialise import champion_models, new_models, with_adapters
from pipelines.training.network.device import choose_device, compute_dtype, precision_name
from pipelines.training.network.network import Network, Sharding, make_network, trainable_parameters
from pipelines.training.optimisation.cost import ZERO_COST, Cost, Meter
from pipelines.training.optimisation.ensemble import align_frozen_layers, combine_members, train_ensemble
from pipelines.training.optimisation.learning import ExampleBuilder, TrainingData, build_examples
from pipelines.training.optimisation.training_loop import Curve, ProgressCallback
from pipelines.training.pretraining.pretraining import with_pretrained_base
from pipelines.training.replay import continued_recipe, with_replay

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedNetworks:
    """Networks after training, in memory."""

    nets: list[Network]
    tokenizer: PreTrainedTokenizerBase
    curve: Curve
    rows: int  # trained on


def fine_tune(
    train: pd.DataFrame,
    spec: ModelSpec,
    folder: Path,
    parent: Path | None,
    progress: ProgressCallback,
    sharding: Sharding = "ddp",
    messages: Iterable[str] = (),
    before: Cost = ZERO_COST,
) -> Challenger:
    """Fine-tune on `train` (columns text, label, validation, origin, weight); write weights and package.

    `messages` are unlabelled texts for the pretraining of a new network. Of several processes that train together, the
    first one writes; `sharding` says how they share the network, and `before` is the cost of the run until now.
    """
    meter = Meter(spec.recipe.budget, before, world_size())
    trained_spec, perplexity = (
        (spec, None) if parent else with_pretrained_base(train, messages, spec, folder / "pretrained", progress, meter)
    )
    trained = train_networks(train, trained_spec, parent, progress, meter, sharding)
    parameters, dtype_name = trainable_parameters(trained.nets[0]), precision_name(trained.nets[0].precision)
    compression = write_challenger(trained, train, spec, folder) if rank() == 0 else ()
    meter.check()  # packaging costs too
    cost = before.add(total_cost(meter.cost()))
    challenger = Challenger(folder, trained.rows, cost, trained.curve, parameters, compression, dtype_name, perplexity)
    if rank() == 0:
        curves_picture(trained.curve, challenger.picture, find_kind(spec.kind).score[1])
    return challenger


def write_challenger(trained: TrainedNetworks, train: pd.DataFrame, spec: ModelSpec, folder: Path) -> Compression:
    """Write weights and package; return the comparison of the fp32 and the int8 package."""
    models = [merge_adapters(net.model.cpu()) for net in trained.nets]
    save(models, trained.tokenizer, folder / "weights")
    validation, combined = train[train["validation"]], combine_members(models, find_kind(spec.kind).objective)
    texts = train[~train["validation"]]["text"].tolist()
    compression = compress(combined, trained.tokenizer, spec, folder / "package", validation, texts)
    record_answers(combined, trained.tokenizer, validation if len(validation) else train, folder / "package")
    return compression


def train_networks(
    train: pd.DataFrame,
    spec: ModelSpec,
    parent: Path | None,
    progress: ProgressCallback,
    meter: Meter,
    sharding: Sharding = "ddp",
    build: ExampleBuilder = build_examples,
) -> TrainedNetworks:
    """Train new networks, or a champion's, on `train`; nothing is written.

    `build` makes examples from rows; a tuning passes a cache.
    """
    transformers_logging.disable_progress_bar()
    rows = train[~train["validation"]]
    frame = with_replay(rows, spec) if parent else rows
    recipe = continued_recipe(spec.recipe) if parent else spec.recipe
    meter.check()
    models, tokenizer = champion_models(parent, spec) if parent else new_models(spec, rows)
    device = choose_device()
    dtype = broadcast(compute_dtype(device, recipe.precision))
    log.info("training in %s on %s", precision_name(dtype), device)
    nets = align_frozen_layers(
        [make_network(model, device, recipe.frozen_layers, dtype, sharding) for model in with_adapters(models, recipe)]
    )
    augmented = augment(pd.concat([frame, train[train["validation"]]]), spec, meter.check)
    parts = (augmented[~augmented["validation"]], augmented[augmented["validation"]])
    single = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"ensemble": None})})
    student = None if parent else lambda: with_adapters(new_models(single, rows)[0], recipe)[0]
    with _checked_budget(nets, meter):
        data = TrainingData(*(build(part, nets[0], tokenizer, spec) for part in parts))
        nets, curve = train_ensemble(nets, data, recipe, progress, meter, student)
    return TrainedNetworks(nets, tokenizer, curve, len(frame))


@contextmanager
def _checked_budget(nets: list[Network], meter: Meter) -> Iterator[None]:
    """Within, every forward pass of an encoder checks the budget: steps before the loop can be most of a run."""
    hooks = [net.model.encoder.register_forward_pre_hook(lambda *_: meter.check()) for net in nets]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
