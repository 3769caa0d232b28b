"""The training loop: weighted descent with warm-up and decay, stopped early, its best state restored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from transformers import get_linear_schedule_with_warmup

from pipelines.catalog import Recipe
from pipelines.training.batches import shuffled
from pipelines.training.network import Network

Watch = Callable[[int, int, float, float | None], None]


class Diverged(RuntimeError):
    """The loss is no number any more."""


@dataclass(frozen=True)
class Examples:
    """Rows as the network takes them, with their label indices and their weights in the loss."""

    rows: Sequence[Tensor]
    labels: Tensor
    weights: Tensor


@dataclass
class Curve:
    """What was seen on the way: `(step, loss)` and `(step, validation macro-F1)`."""

    loss: list[tuple[int, float]] = field(default_factory=list)
    score: list[tuple[int, float]] = field(default_factory=list)


def weighted_loss(logits: Tensor, labels: Tensor, weights: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean cross-entropy with a weight per example: `sum(w * loss) / sum(w)`."""
    losses = nn.functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    return (losses * weights).sum() / weights.sum().clamp(min=1e-9)


def descend(
    network: Network, train: Examples, validation: Examples, recipe: Recipe, watch: Watch, *, may_stay: bool = True
) -> Curve:
    """Train in place and leave the network in its best state by validation macro-F1.

    `may_stay`: the state it started in is one of the candidates. A champion that learns again must move: whether it
    moved to a better place is for the gate to say, on more texts than validation has.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    lengths = [len(row) for row in train.rows]
    steps = recipe.epochs * -(-len(lengths) // recipe.batch)
    optimiser = _optimiser(network, recipe)
    schedule = get_linear_schedule_with_warmup(optimiser, int(steps * recipe.warmup), steps)
    curve, step = Curve(), 0
    start = macro_f1(network, validation)
    best = _Best(network, start if may_stay else -1.0)
    curve.score.append((0, start))
    for _ in range(recipe.epochs):
        network.model.train()
        for batch in shuffled(lengths, recipe.batch, generator):
            loss = _step(network, train, batch, optimiser, recipe)
            schedule.step()
            step += 1
            curve.loss.append((step, loss))
            watch(step, steps, loss, None)
        score = macro_f1(network, validation)
        curve.score.append((step, score))
        watch(step, steps, loss, score)
        if best.stale(score) >= recipe.patience:
            break
    best.restore()
    return curve


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.Optimizer:
    body = [weight for weight in network.model.encoder.parameters() if weight.requires_grad]
    head = list(network.model.head.parameters())
    groups = [{"params": body, "lr": recipe.rate}, {"params": head, "lr": recipe.head_rate}]
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)


def _step(
    network: Network, train: Examples, batch: list[int], optimiser: torch.optim.Optimizer, recipe: Recipe
) -> float:
    chosen = torch.tensor(batch)
    labels, weights = train.labels[chosen].to(network.place), train.weights[chosen].to(network.place)
    logits = network.logits([train.rows[index] for index in batch])
    loss = weighted_loss(logits, labels, weights, recipe.label_smoothing)
    if not torch.isfinite(loss):
        raise Diverged(f"the loss became {loss.item()}; lower the recipe's rate ({recipe.rate:g}) and train again")
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.model.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def macro_f1(network: Network, examples: Examples) -> float:
    """Macro-F1 over the labels that occur in the examples; 0 without examples."""
    if not len(examples.labels):
        return 0.0
    found = np.argmax(network.scored(examples.rows), axis=1)
    return float(f1_score(examples.labels.numpy(), found, average="macro", zero_division=0.0))


class _Best:
    """The trainable state with the highest score, and for how many checks none was better."""

    def __init__(self, network: Network, score: float) -> None:
        self.network, self.score, self.checks = network, score, 0
        self.state = self._copy()

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.network.model.state_dict().items()}

    def stale(self, score: float) -> int:
        """Remember a better state; the number of checks since the best."""
        self.checks = 0 if score > self.score else self.checks + 1
        if not self.checks:
            self.score, self.state = score, self._copy()
        return self.checks

    def restore(self) -> None:
        """Put the best state back."""
        self.network.model.load_state_dict(self.state)
