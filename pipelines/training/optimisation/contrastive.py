"""A start for few texts: texts of one label are drawn together, others apart, before a head is fitted.

As SetFit does (Tunstall and others, 2022), with the supervised contrastive loss (Khosla and others, 2020), which
compares every text of a batch with every other instead of two at a time: parts could not add up to it, and a batch is
computed whole whatever the recipe's `accumulate`.
"""

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import RATES, Recipe
from pipelines.training.network.device import mixed
from pipelines.training.network.encoder import pooled
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Watch
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.optimisation.unsupervised_loop import unsupervised_loop

RATE = 2e-4  # of whole layers; an adapter learns at its kind's
TEMPERATURE = 0.1
PAIRS = 4096  # of one label, in one pass: with many texts a pass takes a sample of them

Pair = tuple[int, int]


def contrast(net: Network, train: Examples, recipe: Recipe, watch: Watch, meter: Meter) -> None:
    """Train the body in place, within `net.learning()`, by `recipe.contrast` passes of at most PAIRS pairs of a label.

    Raises Diverged and OverBudget.
    """
    groups = train.groups
    if len(groups[groups >= 0].unique()) < 2:
        return
    torch.manual_seed(recipe.seed)
    draw, size = torch.Generator().manual_seed(recipe.seed), max(2, recipe.batch // 2)
    passes = [pairs(groups, draw) for _ in range(recipe.contrast)]
    batches = [part[start : start + size] for part in passes for start in range(0, len(part), size)]

    def losses(batch: list[Pair]) -> list[Tensor]:
        part = train.chosen([one for one, _ in batch] + [other for _, other in batch])
        with mixed(net.place, net.precision):
            embeddings = pooled(*net.states(part.rows))
        return [unlikeness(embeddings, part.groups.to(net.place))]

    rate = RATES[recipe.adapter.kind] if recipe.adapter else RATE
    unsupervised_loop(net.model, batches, losses, recipe, rate, net.place, net.precision, watch, meter)


def pairs(labels: Tensor, draw: torch.Generator) -> list[Pair]:
    """Each text with another of its label, in random order; alone of its label, with itself under other dropout.

    Texts without a label (-1) have no partner and are left out.
    """
    order: list[int] = torch.randperm(len(labels), generator=draw).tolist()
    fellows: dict[int, list[int]] = {}
    for index in order:
        fellows.setdefault(int(labels[index]), []).append(index)
    partners = {
        index: other
        for label, group in fellows.items()
        if label >= 0
        for index, other in zip(group, [*group[1:], group[0]], strict=True)
    }
    return [(index, partners[index]) for index in order if index in partners][:PAIRS]


def unlikeness(embeddings: Tensor, labels: Tensor) -> Tensor:
    """Supervised contrastive loss of `(texts, hidden)` embeddings by cosine; each text needs a fellow of its label."""
    unit = nn.functional.normalize(embeddings.float(), dim=1)
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    shares = (unit @ unit.T / TEMPERATURE).masked_fill(itself, -1e4).log_softmax(1)
    fellows = same & ~itself
    return -((shares * fellows).sum(1) / fellows.sum(1)).mean()
