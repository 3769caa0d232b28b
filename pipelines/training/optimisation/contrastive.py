"""Contrastive training before the head is fitted: embeddings of one label move together, others apart.

As in SetFit (Tunstall and others, 2022), with the supervised contrastive loss (Khosla and others, 2020). The loss
compares every text of a batch with every other, so it cannot be summed over parts: a batch is computed whole whatever
the recipe's `accumulate`.
"""

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import RATES, Recipe
from pipelines.training.network.device import mixed_precision
from pipelines.training.network.encoder import mean_pool
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.optimisation.unsupervised_loop import unsupervised_loop

RATE = 2e-4  # of whole layers; an adapter has the rate of its kind
TEMPERATURE = 0.1
PAIRS = 4096  # in one pass: with many texts a pass takes a sample

Pair = tuple[int, int]


def train_contrastive(net: Network, train: Examples, recipe: Recipe, progress: ProgressCallback, meter: Meter) -> None:
    """Train the encoder in place for `recipe.contrast` passes of at most PAIRS pairs of texts with equal labels.

    Call it within `net.trainable_part()`. Raises Diverged and OverBudget.
    """
    groups = train.groups
    if len(groups[groups >= 0].unique()) < 2:
        return
    torch.manual_seed(recipe.seed)
    generator, size = torch.Generator().manual_seed(recipe.seed), max(2, recipe.batch // 2)
    passes = [same_label_pairs(groups, generator) for _ in range(recipe.contrast)]
    batches = [part[start : start + size] for part in passes for start in range(0, len(part), size)]

    def losses(batch: list[Pair]) -> list[Tensor]:
        part = train.select([left for left, _ in batch] + [right for _, right in batch])
        with mixed_precision(net.device, net.precision):
            embeddings = mean_pool(*net.states(part.rows))
        return [contrastive_loss(embeddings, part.groups.to(net.device))]

    rate = RATES[recipe.adapter.kind] if recipe.adapter else RATE
    unsupervised_loop(net.model, batches, losses, recipe, rate, net.device, net.precision, progress, meter)


def same_label_pairs(labels: Tensor, generator: torch.Generator) -> list[Pair]:
    """Pair each text with another of its label, in random order; at most PAIRS pairs.

    A text alone of its label is paired with itself, which dropout changes. Texts without a label (-1) are left out.
    """
    order: list[int] = torch.randperm(len(labels), generator=generator).tolist()
    by_label: dict[int, list[int]] = {}
    for index in order:
        by_label.setdefault(int(labels[index]), []).append(index)
    partners = {
        index: partner
        for label, group in by_label.items()
        if label >= 0
        for index, partner in zip(group, [*group[1:], group[0]], strict=True)
    }
    return [(index, partners[index]) for index in order if index in partners][:PAIRS]


def contrastive_loss(embeddings: Tensor, labels: Tensor) -> Tensor:
    """Supervised contrastive loss of `(texts, hidden)` embeddings by cosine; each label needs two texts or more."""
    unit = nn.functional.normalize(embeddings.float(), dim=1)
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    log_probabilities = (unit @ unit.T / TEMPERATURE).masked_fill(itself, -1e4).log_softmax(1)
    positives = same & ~itself
    return -((log_probabilities * positives).sum(1) / positives.sum(1)).mean()
