"""Any encoder of Hugging Face: the training code knows no family."""

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
)

from pipelines.inference.packaged import Packaged
from pipelines.recipe import Recipe
from pipelines.training.batches import encoded
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.layers import layers
from pipelines.training.network import network
from pipelines.training.saving import restored
from tests.conftest import small_rows

SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
OTHER = {
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 64},
}


@pytest.fixture(params=["roberta", "distilbert", "mpnet", "modernbert"])
def family(request, tiny_encoder, tmp_path):
    """A random encoder of three layers of each family, with the tiny tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    own = OTHER.get(request.param, SIZES)
    config = AutoConfig.for_model(request.param, vocab_size=len(tokenizer), pad_token_id=0, **own)
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(tmp_path / "family")
    tokenizer.save_pretrained(tmp_path / "family")
    return str(tmp_path / "family")


def test_every_family_learns_with_kept_layers_and_answers_from_its_package(family, topics, tmp_path):
    frame = pd.DataFrame(small_rows(120), columns=["text", "label"])
    frame = frame.assign(validation=False, origin="source", weight=1.0)
    recipe = Recipe(epochs=2, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-3, precision="fp32")
    spec = topics.model_copy(update={"base": family, "recipe": recipe})
    challenger = fine_tune(frame, spec, tmp_path, None, lambda *_: None)
    texts = frame["text"].tolist()[:40]
    (model,), tokenizer = restored(challenger.weights, len(spec.labels), 0.0)
    whole, kept = (network(model, torch.device("cpu"), count) for count in (0, 1))
    expected = whole.scored(encoded(texts, tokenizer, 128))
    rows = kept.rows(encoded(texts, tokenizer, 128))
    with kept.learning():
        np.testing.assert_allclose(kept.scored(rows), expected, atol=2e-2)  # states are kept in half precision
    before, after = (
        dict(AutoModel.from_pretrained(place).named_parameters()) for place in (family, challenger.weights)
    )
    moved = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    path = layers(model.encoder)[0]
    assert any(name.startswith(f"{path}.2.") for name in moved)
    assert not any(name.startswith((f"{path}.0.", "embeddings.")) for name in moved)
    assert (expected.argmax(1) == [spec.labels.index(label) for label in frame["label"][:40]]).mean() > 0.6
    packaged = Packaged.load(challenger.package).probabilities(texts).argmax(1)
    assert (packaged == expected.argmax(1)).mean() >= 0.95
