"""One training over its whole schedule, with the answers of every state on the way."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind
from pipelines.training.initialise import new_models, with_adapters
from pipelines.training.network.batches import shuffled_batches
from pipelines.training.network.device import DTYPES, choose_device
from pipelines.training.network.network import Network, make_network
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.learning import _head_sample, build_examples, init_head
from pipelines.training.optimisation.training_objective import Examples

Arrays = dict[str, np.ndarray]
DECAYS = {"mean99": 0.99, "mean995": 0.995}


class Shelf:
    """The states of the lower layers, which are equal for all seeds: computed once for each text."""

    def __init__(self, spec: ModelSpec, frames: list[pd.DataFrame]) -> None:
        whole = pd.concat(frames)
        net, tokenizer = _network(spec, whole)
        found = build_examples(whole, net, tokenizer, spec)
        self.rows = dict(zip(whole["text"], found.rows, strict=True))

    def read(self, frame: pd.DataFrame, spec: ModelSpec) -> Examples:
        objective = find_kind(spec.kind).objective
        targets = objective.encode(frame["label"].tolist(), spec.target)
        weights = torch.tensor(frame["weight"].tolist(), dtype=torch.float32)
        return Examples([self.rows[text] for text in frame["text"]], targets, weights, objective)


def _network(spec: ModelSpec, train: pd.DataFrame) -> tuple[Network, object]:
    models, tokenizer = new_models(spec, train)
    (model,) = with_adapters(models, spec.recipe)
    return make_network(model, choose_device(), spec.recipe.frozen_layers, DTYPES[spec.recipe.precision]), tokenizer


def trajectory(
    spec: ModelSpec,
    seed: int,
    learnt: pd.DataFrame,
    asked: dict[str, pd.DataFrame],
    shelf: Shelf,
    epochs: Callable[[Arrays], set[int]] | None = None,
) -> Arrays:
    """Logits of each part: `NAME` after each epoch, `(epochs + 1, rows, labels)`; `NAME-MEAN` by mean weights.

    The whole schedule runs, as in `learn`; the rules that stop or restore are applied later. With `epochs`, `judged` is
    answered only after the epochs that it selects from the validation logits.
    """
    recipe = spec.recipe.model_copy(update={"seed": seed})
    own = spec.model_copy(update={"recipe": recipe})
    net, _ = _network(own, learnt)
    train, parts = shelf.read(learnt, own), {name: shelf.read(frame, own) for name, frame in asked.items()}
    now = {name: part for name, part in parts.items() if epochs is None or name != "judged"}
    found: dict[str, list[np.ndarray]] = {name: [] for name in parts}
    with net.trainable_part():
        init_head(net, _head_sample(train, recipe))
        lengths, generator = [len(row) for row in train.rows], torch.Generator().manual_seed(seed)
        descent = Descent(net, recipe, recipe.epochs * -(-len(lengths) // recipe.batch), recipe.rate)
        means, states = Means(descent.weights, descent.last), []
        for epoch in range(recipe.epochs + 1):
            net.model.train()
            for batch in shuffled_batches(lengths, recipe.batch, generator) if epoch else ():
                descent.step(train.select(batch))
                means.update()
            states.append([one.detach().clone() for one in descent.weights] if epochs else [])
            _ask(net, now, found)
        if epochs:
            wanted = epochs({name: np.stack(found[name]) for name in now})
            judged = {epoch: _judged(net, descent.weights, states[epoch], parts["judged"]) for epoch in sorted(wanted)}
            nothing = np.full_like(next(iter(judged.values())), np.nan)
            found["judged"] = [judged.get(epoch, nothing) for epoch in range(recipe.epochs + 1)]
        for name in means.mean if epochs is None else ():
            put(means.weights, means.mean[name])
            _ask(net, parts, {part: found.setdefault(f"{part}-{name}", []) for part in parts})
    return {name: np.stack(logits) for name, logits in found.items()}


def _judged(net: Network, weights: list[Tensor], state: list[Tensor], part: Examples) -> np.ndarray:
    put(weights, state)
    return net.predict(part.rows).astype(np.float32)


def _ask(net: Network, parts: dict[str, Examples], found: dict[str, list[np.ndarray]]) -> None:
    for name, part in parts.items():
        found[name].append(net.predict(part.rows).astype(np.float32))


class Means:
    """Exponential running means of the weights, and the plain mean of the last two fifths of the steps."""

    def __init__(self, weights: list[Tensor], steps: int) -> None:
        self.weights, self.steps, self.done = weights, steps, 0
        self.mean = {name: [one.detach().clone() for one in weights] for name in (*DECAYS, "tail")}

    def update(self) -> None:
        """Update the means after a step."""
        self.done += 1
        late = self.done - int(0.6 * self.steps)
        share = {name: 1 - min(decay, self.done / (self.done + 9)) for name, decay in DECAYS.items()}
        for name, part in (share | {"tail": 1 / max(1, late)}).items():
            torch._foreach_lerp_(self.mean[name], [one.detach() for one in self.weights], part)


@torch.no_grad()
def put(weights: list[Tensor], state: list[Tensor]) -> None:
    """Overwrite the weights with a state."""
    for weight, value in zip(weights, state, strict=True):
        weight.copy_(value)
