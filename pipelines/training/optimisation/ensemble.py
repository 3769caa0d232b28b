"""Ensembles of networks with different seeds, and their distillation into one network."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Recipe
from pipelines.kinds.objective import Objective
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import TrainingData, train_network
from pipelines.training.optimisation.optimiser import layer_depths
from pipelines.training.optimisation.training_loop import Curve, ProgressCallback


class EnsembleMean(nn.Module):
    """Logits of the mean of the members' probabilities (Lakshminarayanan and others, 2017)."""

    def __init__(self, members: Sequence[Classifier], objective: Objective) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.objective = objective

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape `(batch, outputs)`."""
        return self.objective.mean([member(input_ids, attention_mask) for member in self.members])


def combine_members(members: Sequence[Classifier], objective: Objective) -> Classifier | EnsembleMean:
    """The one network, or the mean of several."""
    return members[0] if len(members) == 1 else EnsembleMean(members, objective)


def seeds(recipe: Recipe) -> list[int]:
    """Seed of each member; a recipe without an ensemble has one."""
    return [recipe.seed + number for number in range(recipe.ensemble.members if recipe.ensemble else 1)]


def align_frozen_layers(nets: list[Network]) -> list[Network]:
    """The networks, without cached layers where the members' lower layers differ.

    All members learn from the same cached states, which holds only for equal lower layers.
    """
    first, *others = nets
    depth = layer_depths(first.model.encoder)
    top = len(layers(first.model.encoder)[1]) - first.frozen_layers
    low = [name for name, weight in first.model.encoder.named_parameters() if depth[name] >= top]
    weights = [net.model.encoder.state_dict() for net in nets] if others and first.frozen_layers else []
    same = all(torch.equal(weights[0][name], state[name]) for state in weights[1:] for name in low)
    return nets if same else [replace(net, frozen_layers=0) for net in nets]


def train_ensemble(
    nets: Sequence[Network],
    data: TrainingData,
    recipe: Recipe,
    progress: ProgressCallback,
    meter: Meter,
    student: Callable[[], Classifier] | None,
) -> tuple[list[Network], Curve]:
    """Train the networks; return them and the last one's curve. `student` builds a new network.

    Where the recipe distils, a student learns from the members' mean and is the only network returned. Networks without
    a student (a champion's) learn on.
    """
    distilled = student is not None and recipe.ensemble is not None and recipe.ensemble.answer == "distilled"
    count = len(nets) + distilled
    for number, net in enumerate(nets):
        seeded = recipe.model_copy(update={"seed": recipe.seed + number})
        curve = train_network(
            net, data, seeded, _member_progress(progress, number, count), meter, fresh=student is not None
        )
    if student is None or not distilled:
        return list(nets), curve
    teacher_logits = data.train.objective.mean([_train_logits(net, data) for net in nets])
    network = replace(nets[0], model=student().to(nets[0].device))
    data = replace(data, train=replace(data.train, teacher_logits=teacher_logits))
    seeded = recipe.model_copy(update={"seed": recipe.seed + len(nets)})
    return [network], train_network(
        network, data, seeded, _member_progress(progress, count - 1, count), meter, fresh=True
    )


def _train_logits(net: Network, data: TrainingData) -> Tensor:
    with net.trainable_part():
        return torch.tensor(net.predict(data.train.rows))


def _member_progress(progress: ProgressCallback, number: int, count: int) -> ProgressCallback:
    """Progress callback of one member among `count`."""
    return lambda step, steps, loss, score: progress(number * steps + step, count * steps, loss, score)
