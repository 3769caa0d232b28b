"""Several networks of different seeds: their mean answer, and one network that learns it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Recipe
from pipelines.kinds.kind import Objective
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import TrainingData, learn
from pipelines.training.optimisation.optimiser import depths
from pipelines.training.optimisation.training_loop import Curve, Watch


class Averaged(nn.Module):
    """Logits of the mean of the members' probabilities (Lakshminarayanan and others, 2017)."""

    def __init__(self, members: Sequence[Classifier], objective: Objective) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.objective = objective

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape `(batch, outputs)`."""
        return self.objective.mean([member(input_ids, attention_mask) for member in self.members])


def joined(members: Sequence[Classifier], objective: Objective) -> Classifier | Averaged:
    """What answers: the one network, or the mean of several."""
    return members[0] if len(members) == 1 else Averaged(members, objective)


def seeds(recipe: Recipe) -> list[int]:
    """One seed per member; a recipe without an ensemble has one."""
    return [recipe.seed + number for number in range(recipe.ensemble.members if recipe.ensemble else 1)]


def alike(nets: list[Network]) -> list[Network]:
    """The networks; where their lower layers differ none are kept, because all learn from the same kept states."""
    first, *others = nets
    depth = depths(first.model.encoder)
    top = len(layers(first.model.encoder)[1]) - first.layers
    low = [name for name, weight in first.model.encoder.named_parameters() if depth[name] >= top]
    weights = [net.model.encoder.state_dict() for net in nets] if others and first.layers else []
    same = all(torch.equal(weights[0][name], one[name]) for one in weights[1:] for name in low)
    return nets if same else [replace(net, layers=0) for net in nets]


def taught(
    nets: Sequence[Network],
    lesson: TrainingData,
    recipe: Recipe,
    watch: Watch,
    meter: Meter,
    pupil: Callable[[], Classifier] | None,
) -> tuple[list[Network], Curve]:
    """The networks after their lesson, and the last one's curve; `pupil` makes the start of a fresh network.

    Where the recipe distils, the members teach a pupil, which alone is left. Networks without a pupil learn on.
    """
    distilled = pupil is not None and recipe.ensemble is not None and recipe.ensemble.answer == "distilled"
    count = len(nets) + distilled
    for number, net in enumerate(nets):
        own = recipe.model_copy(update={"seed": recipe.seed + number})
        curve = learn(net, lesson, own, _part(watch, number, count), meter, fresh=pupil is not None)
    if pupil is None or not distilled:
        return list(nets), curve
    answers = lesson.train.objective.mean([_answers(net, lesson) for net in nets])
    student = replace(nets[0], model=pupil().to(nets[0].place))
    lesson = replace(lesson, train=replace(lesson.train, taught=answers))
    own = recipe.model_copy(update={"seed": recipe.seed + len(nets)})
    return [student], learn(student, lesson, own, _part(watch, count - 1, count), meter, fresh=True)


def _answers(net: Network, lesson: TrainingData) -> Tensor:
    with net.learning():
        return torch.tensor(net.scored(lesson.train.rows))


def _part(watch: Watch, number: int, count: int) -> Watch:
    """The part of the progress that is one member's."""
    return lambda step, steps, loss, score: watch(number * steps + step, count * steps, loss, score)
