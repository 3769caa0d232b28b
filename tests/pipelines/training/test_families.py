"""Any encoder of Hugging Face: the training code names no family."""

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
)

from pipelines.catalog.recipe import Recipe
from pipelines.inference.packaged import ModelPackage
from pipelines.training.export.saving import load_weights
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import Classifier, load_pretrained
from pipelines.training.network.layers import layers
from pipelines.training.network.network import make_network, trainable_parameters
from tests.conftest import small_rows

SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
OTHER = {
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 64},
    "deberta-v2": {**SIZES, "conv_kernel_size": 3, "relative_attention": True, "position_buckets": 8},
    "rembert": {**SIZES, "input_embedding_size": 32},
    "longformer": {**SIZES, "attention_window": 4},
    "convbert": {**SIZES, "embedding_size": 32},
    "squeezebert": {**SIZES, "embedding_size": 32},
}
CPU = torch.device("cpu")


def random_classifier(family):
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, vocab_size=99, pad_token_id=0, **OTHER.get(family, SIZES))
    return Classifier(AutoModel.from_config(config), 3)


def network_messages(caplog):
    """The log messages of the network; Transformers' own warnings about random configs are left out."""
    return [one.getMessage() for one in caplog.records if one.name == "pipelines.training.network.network"]


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
    frame = pd.DataFrame(small_rows(80), columns=["text", "label"])
    frame = frame.assign(validation=False, origin="source", weight=1.0)
    recipe = Recipe(epochs=2, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-3, precision="fp32")
    spec = topics.model_copy(update={"base_model": family, "recipe": recipe})
    challenger = fine_tune(frame, spec, tmp_path, None, lambda *_: None)
    texts = frame["text"].tolist()[:40]
    (model,), tokenizer = load_weights(challenger.weights, len(spec.target.names), 0.0)
    whole, kept = (make_network(model, torch.device("cpu"), count) for count in (0, 1))
    expected = whole.predict(tokenise(texts, tokenizer, 128))
    rows = kept.prepare(tokenise(texts, tokenizer, 128))
    with kept.trainable_part():
        np.testing.assert_allclose(kept.predict(rows), expected, atol=2e-2)  # stored states have half precision
    before, after = (
        dict(AutoModel.from_pretrained(place).named_parameters()) for place in (family, challenger.weights)
    )
    moved = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    path = layers(model.encoder)[0]
    assert any(name.startswith(f"{path}.2.") for name in moved)
    assert not any(name.startswith((f"{path}.0.", "embeddings.")) for name in moved)
    assert (expected.argmax(1) == [spec.target.names.index(label) for label in frame["label"][:40]]).mean() > 0.6
    packaged = ModelPackage.load(challenger.package).calibrated(texts).argmax(1)
    assert (packaged == expected.argmax(1)).mean() >= 0.95


@pytest.mark.parametrize("kept", [0, 1])
def test_what_counts_as_learning_gets_a_gradient(family, kept):
    net = make_network(load_pretrained(family, 3, 0.0)[0], CPU, kept)
    rows = net.prepare([torch.arange(4, 12), torch.arange(6, 11)])
    with net.trainable_part():
        net.logits(rows).logsumexp(1).sum().backward()
    assert trainable_parameters(net) == sum(
        weight.numel() for weight in net.model.parameters() if weight.grad is not None
    )


@pytest.mark.parametrize("name", ["deberta-v2", "rembert", "fnet", "convbert", "squeezebert", "ibert", "longformer"])
def test_an_encoder_that_answers_otherwise_in_parts_trains_whole(name, caplog):
    net = make_network(random_classifier(name), CPU, 1)
    assert net.frozen_layers == 0
    (line,) = network_messages(caplog)
    assert "trains whole, no layer is cached: its layers" in line


def test_an_encoder_without_a_list_of_layers_trains_whole(caplog):
    assert make_network(random_classifier("albert"), CPU, 1).frozen_layers == 0
    assert "AlbertModel trains whole" in caplog.text


def test_a_recipe_that_freezes_nothing_says_nothing(caplog):
    assert make_network(random_classifier("fnet"), CPU, 0).frozen_layers == 0
    assert not network_messages(caplog)


@pytest.mark.parametrize("name", ["bert", "roberta", "distilbert", "mpnet", "modernbert"])
def test_proving_the_split_leaves_no_trace(name, caplog):
    model = random_classifier(name).train()
    before = torch.get_rng_state()
    assert make_network(model, CPU, 2).frozen_layers == 2
    assert torch.equal(torch.get_rng_state(), before)
    assert all(module.training for module in model.modules())
    assert not network_messages(caplog)
