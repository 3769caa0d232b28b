"""Pruning of a pretrained encoder: its upper layers, then the heads least important to the labels."""

import copy
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.spec import ModelSpec
from pipelines.training.distribution.distributed import broadcast
from pipelines.training.network.batches import pad_rows
from pipelines.training.network.device import choose_device
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network, make_network
from pipelines.training.optimisation.learning import build_examples, init_head, output_count
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.pruning.attention import Attention, attentions, not_prunable, original_head_count, shared_biases
from pipelines.training.pruning.drop_layers import NotPrunable, drop_layers
from pipelines.training.pruning.head_importance import gated_heads, head_importance
from pipelines.training.pruning.prune_heads import KeptHeads, kept_heads, prune_heads

ROWS = 512  # training rows for the importance of heads


def prune(
    models: Sequence[Classifier], tokenizer: PreTrainedTokenizerBase, train: pd.DataFrame, spec: ModelSpec
) -> None:
    """Prune networks over one pretrained encoder in place, as the recipe says. Raises NotPrunable.

    Head importance is measured on a sample of the training rows (text, label, weight), with a head fitted by logistic
    regression; all networks lose the same heads.
    """
    pruning = spec.recipe.pruning
    if pruning is None:
        return
    if pruning.layers:
        for model in models:
            drop_layers(model.encoder, pruning.layers)
    if pruning.heads:
        remaining = _heads_to_keep(models[0], tokenizer, train, spec, pruning.heads)
        for model in models:
            prune_heads(model.encoder, remaining)


def _heads_to_keep(
    model: Classifier, tokenizer: PreTrainedTokenizerBase, train: pd.DataFrame, spec: ModelSpec, share: float
) -> KeptHeads:
    """Heads to keep in each layer; equal in all layers where they share a table with a column for each head."""
    if kept_heads(model.encoder):
        raise NotPrunable(f"heads of {spec.base_model!r} are pruned already; set the recipe's pruning.heads to 0")
    heads = original_head_count(model.encoder)
    attention = attentions(model.encoder, [heads] * len(layers(model.encoder)[1]))
    net = make_network(Classifier(model.encoder, output_count(spec)), choose_device(), 0)
    rows = build_examples(train.sample(min(len(train), ROWS), random_state=spec.recipe.seed), net, tokenizer, spec)
    init_head(net, rows)
    importance = head_importance(net, rows, attention)
    if shared_biases(model.encoder, heads):
        importance = importance.sum(0, keepdim=True).expand_as(importance)
    remaining = broadcast(most_important_heads(importance, min(round(heads * share), heads - 1)))
    _check_pruning(net, rows, attention, remaining)
    return remaining


def most_important_heads(importance: Tensor, left_out: int) -> KeptHeads:
    """Heads of each layer to keep, in order, without the `left_out` least important of `(layers, heads)`."""
    order = importance.argsort(dim=1, stable=True)[:, left_out:]
    remaining: KeptHeads = order.sort(dim=1).values.tolist()
    return remaining


@torch.inference_mode()
def _check_pruning(net: Network, rows: Examples, attention: Sequence[Attention], remaining: KeptHeads) -> None:
    """Check that cutting heads out equals silencing them; else the shapes were misread. Raises NotPrunable."""
    ids, mask = pad_rows(rows.rows[:8])
    inputs = {"input_ids": ids.to(net.device), "attention_mask": mask.to(net.device)}
    gates = torch.zeros(len(attention), len(ids), original_head_count(net.model.encoder), device=net.device)
    for gate, numbers in zip(gates, remaining, strict=True):
        gate[:, numbers] = 1
    with gated_heads(net.model.encoder, attention, gates):
        silenced = net.model.eval()(**inputs)
    smaller = copy.deepcopy(net.model)
    try:
        prune_heads(smaller.encoder, remaining)
        is_equal = torch.allclose(smaller(**inputs), silenced, rtol=1e-2, atol=1e-2)
    except RuntimeError as error:
        raise not_prunable(net.model.encoder, f"its forward pass breaks ({error})") from error
    if not is_equal:
        raise not_prunable(net.model.encoder, "pruned and silenced heads give different answers")
