"""From a snapshot to a challenger: start from a pretrained encoder, or from the champion, and learn."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find
from pipelines.training.adapters.attaching import merged
from pipelines.training.augmentation.copies import augmented
from pipelines.training.challenger import Challenger
from pipelines.training.distribution.distributed import agreed, rank, together, world
from pipelines.training.export.compression import Compression, compressed
from pipelines.training.export.saving import save
from pipelines.training.export.trained_answers import record
from pipelines.training.initialise import champion_models, new_models, with_adapters
from pipelines.training.learning_curves import curves_picture
from pipelines.training.network.device import device, name_of, precision
from pipelines.training.network.network import Network, Sharding, network, trainable_parameters
from pipelines.training.optimisation.cost import NOTHING, Cost, Meter
from pipelines.training.optimisation.ensemble import alike, joined, taught
from pipelines.training.optimisation.learning import Reader, TrainingData, examples
from pipelines.training.optimisation.training_loop import Curve, Watch
from pipelines.training.pretraining.pretraining import adopted
from pipelines.training.replay import continued_recipe, with_replay

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learnt:
    """Networks after their lesson, in memory."""

    nets: list[Network]
    tokenizer: PreTrainedTokenizerBase
    curve: Curve
    rows: int  # learnt from


def fine_tune(
    train: pd.DataFrame,
    spec: ModelSpec,
    folder: Path,
    parent: Path | None,
    watch: Watch,
    sharding: Sharding = "ddp",
    messages: Iterable[str] = (),
    before: Cost = NOTHING,
) -> Challenger:
    """Learn the labels of `train` (columns text, label, validation, origin, weight); write weights and package.

    `messages` are texts without labels that a fresh network may read first. Of several processes that train together,
    the first one writes; `sharding` says what they share, and `before` is what the run cost until they began.
    """
    meter = Meter(spec.recipe.budget, before, world())
    own, read = (spec, None) if parent else adopted(train, messages, spec, folder / "pretrained", watch, meter)
    found = learnt(train, own, parent, watch, meter, sharding)
    parameters, used = trainable_parameters(found.nets[0]), name_of(found.nets[0].precision)
    forms = written(found, train, spec, folder) if rank() == 0 else ()
    meter.check()  # packaging costs too
    cost = before.then(together(meter.spent()))
    challenger = Challenger(folder, found.rows, cost, found.curve, parameters, forms, used, read)
    if rank() == 0:
        curves_picture(found.curve, challenger.picture, find(spec.kind).score[1])
    return challenger


def written(found: Learnt, train: pd.DataFrame, spec: ModelSpec, folder: Path) -> Compression:
    """Write weights and package; what making the package small cost."""
    trained = [merged(net.model.cpu()) for net in found.nets]
    save(trained, found.tokenizer, folder / "weights")
    held, whole = train[train["validation"]], joined(trained, find(spec.kind).objective)
    texts = train[~train["validation"]]["text"].tolist()
    forms = compressed(whole, found.tokenizer, spec, folder / "package", held, texts)
    record(whole, found.tokenizer, held if len(held) else train, folder / "package")
    return forms


def learnt(
    train: pd.DataFrame,
    spec: ModelSpec,
    parent: Path | None,
    watch: Watch,
    meter: Meter,
    sharding: Sharding = "ddp",
    read: Reader = examples,
) -> Learnt:
    """The networks that learnt from `train`, fresh ones or a champion's; nothing is written.

    `read` makes examples of rows: who learns from the same ones often may keep them.
    """
    transformers_logging.disable_progress_bar()
    rows = train[~train["validation"]]
    frame = with_replay(rows, spec) if parent else rows
    recipe = continued_recipe(spec.recipe) if parent else spec.recipe
    meter.check()
    models, tokenizer = champion_models(parent, spec) if parent else new_models(spec, rows)
    place = device()
    dtype = agreed(precision(place, recipe.precision))
    log.info("learning in %s on %s", name_of(dtype), place)
    nets = alike(
        [network(model, place, recipe.frozen_layers, dtype, sharding) for model in with_adapters(models, recipe)]
    )
    changed = augmented(pd.concat([frame, train[train["validation"]]]), spec, meter.check)
    parts = (changed[~changed["validation"]], changed[changed["validation"]])
    alone = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"ensemble": None})})
    pupil = None if parent else lambda: with_adapters(new_models(alone, rows)[0], recipe)[0]
    with _metered(nets, meter):
        lesson = TrainingData(*(read(part, nets[0], tokenizer, spec) for part in parts))
        nets, curve = taught(nets, lesson, recipe, watch, meter, pupil)
    return Learnt(nets, tokenizer, curve, len(frame))


@contextmanager
def _metered(nets: list[Network], meter: Meter) -> Iterator[None]:
    """Within, every pass through an encoder checks the meter: what comes before the descent can be most of a run."""
    hooks = [net.model.encoder.register_forward_pre_hook(lambda *_: meter.check()) for net in nets]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
