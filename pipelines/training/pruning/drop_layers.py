"""Layer pruning: the upper layers of an encoder are removed."""

from typing import Any

from pipelines.training.network.layers import layers


class NotPrunable(ValueError):
    """Layers or heads of the encoder cannot be told apart, or none would remain."""


def drop_layers(encoder: Any, count: int) -> None:
    """Remove the `count` upper layers in place and update the config. Raises NotPrunable."""
    path, blocks = layers(encoder)
    config, remaining = encoder.config, len(blocks) - count
    if len(blocks) != getattr(config, "num_hidden_layers", None):
        raise NotPrunable(
            f"layers of {type(encoder).__name__} cannot be pruned: its config does not count one list of layers; "
            "set the recipe's pruning.layers to 0, or take an encoder of the BERT, RoBERTa, DistilBERT or MPNet family"
        )
    if remaining < 1:
        raise NotPrunable(
            f"pruning.layers = {count} removes all layers of the encoder; set it to at most {len(blocks) - 1}"
        )
    parent, _, name = path.rpartition(".")
    setattr(encoder.get_submodule(parent), name, blocks[:remaining])
    if isinstance(getattr(config, "layer_types", None), list):
        config.layer_types = config.layer_types[:remaining]
    config.num_hidden_layers = remaining
    config.left_out_layers = getattr(config, "left_out_layers", 0) + count
