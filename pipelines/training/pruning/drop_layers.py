"""A shorter encoder: its upper layers are left out."""

from typing import Any

from pipelines.training.network.layers import layers


class NotPrunable(ValueError):
    """An encoder whose layers or heads cannot be told apart, or that would be left with none."""


def drop_layers(encoder: Any, count: int) -> None:
    """Leave out the `count` upper layers, in place; the config tells the rest. Raises NotPrunable."""
    path, blocks = layers(encoder)
    config, kept = encoder.config, len(blocks) - count
    if len(blocks) != getattr(config, "num_hidden_layers", None):
        raise NotPrunable(
            f"layers of {type(encoder).__name__} cannot be left out: its config does not number one list of layers; "
            "set the recipe's pruning.layers to 0, or take an encoder of the BERT, RoBERTa, DistilBERT or MPNet family"
        )
    if kept < 1:
        raise NotPrunable(
            f"pruning.layers = {count} leaves none of the encoder's layers; take at most {len(blocks) - 1}"
        )
    parent, _, name = path.rpartition(".")
    setattr(encoder.get_submodule(parent), name, blocks[:kept])
    if isinstance(getattr(config, "layer_types", None), list):
        config.layer_types = config.layer_types[:kept]
    config.num_hidden_layers = kept
    config.left_out_layers = getattr(config, "left_out_layers", 0) + count
