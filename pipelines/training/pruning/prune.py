"""What a recipe leaves out of a pretrained encoder: upper layers, then the heads least useful to its labels."""

import copy
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.spec import ModelSpec
from pipelines.training.distribution.distributed import agreed
from pipelines.training.network.batches import padded
from pipelines.training.network.device import device
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network, network
from pipelines.training.optimisation.learning import examples, init_head, outputs
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.pruning.attention import Attention, attentions, shared_biases, unknown, whole_count
from pipelines.training.pruning.drop_layers import NotPrunable, drop_layers
from pipelines.training.pruning.head_importance import gated, head_importance
from pipelines.training.pruning.prune_heads import Kept, kept_heads, prune_heads

ROWS = 512  # of the training rows tell a head's worth


def prune(
    models: Sequence[Classifier], tokenizer: PreTrainedTokenizerBase, train: pd.DataFrame, spec: ModelSpec
) -> None:
    """Prune networks over one pretrained encoder, in place, as the recipe says. Raises NotPrunable.

    The worth of a head is measured on a sample of the training rows (text, label, weight), under a head that logistic
    regression warmed; all networks lose the same heads.
    """
    pruning = spec.recipe.pruning
    if pruning is None:
        return
    if pruning.layers:
        for model in models:
            drop_layers(model.encoder, pruning.layers)
    if pruning.heads:
        kept = _most_useful(models[0], tokenizer, train, spec, pruning.heads)
        for model in models:
            prune_heads(model.encoder, kept)


def _most_useful(
    model: Classifier, tokenizer: PreTrainedTokenizerBase, train: pd.DataFrame, spec: ModelSpec, share: float
) -> Kept:
    """The heads that stay in each layer; the same in all where layers share a table with a column for each head."""
    if kept_heads(model.encoder):
        raise NotPrunable(f"heads of {spec.base!r} were left out before; set the recipe's pruning.heads to 0")
    heads = whole_count(model.encoder)
    found = attentions(model.encoder, [heads] * len(layers(model.encoder)[1]))
    net = network(Classifier(model.encoder, outputs(spec)), device(), 0)
    rows = examples(train.sample(min(len(train), ROWS), random_state=spec.recipe.seed), net, tokenizer, spec)
    init_head(net, rows)
    worth = head_importance(net, rows, found)
    if shared_biases(model.encoder, heads):
        worth = worth.sum(0, keepdim=True).expand_as(worth)
    kept = agreed(best(worth, min(round(heads * share), heads - 1)))
    _prove(net, rows, found, kept)
    return kept


def best(worth: Tensor, left_out: int) -> Kept:
    """The heads of each layer that stay when the `left_out` least useful of `(layers, heads)` go, in order."""
    order = worth.argsort(dim=1, stable=True)[:, left_out:]
    kept: Kept = order.sort(dim=1).values.tolist()
    return kept


@torch.inference_mode()
def _prove(net: Network, rows: Examples, found: Sequence[Attention], kept: Kept) -> None:
    """Cutting heads out must be the same as silencing them: else the family was not what its shapes made it seem."""
    ids, mask = padded(rows.rows[:8])
    inputs = {"input_ids": ids.to(net.place), "attention_mask": mask.to(net.place)}
    gates = torch.zeros(len(found), len(ids), whole_count(net.model.encoder), device=net.place)
    for gate, numbers in zip(gates, kept, strict=True):
        gate[:, numbers] = 1
    with gated(net.model.encoder, found, gates):
        silenced = net.model.eval()(**inputs)
    smaller = copy.deepcopy(net.model)
    try:
        prune_heads(smaller.encoder, kept)
        same = torch.allclose(smaller(**inputs), silenced, rtol=1e-2, atol=1e-2)
    except RuntimeError as error:
        raise unknown(net.model.encoder, f"its forward pass breaks ({error})") from error
    if not same:
        raise unknown(net.model.encoder, "its answers change as they should not")
