import json
import subprocess
import sys

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
import transformers
from torch import nn

from pipelines.catalog.recipe import Pruning
from pipelines.kinds.classification import objective
from pipelines.training.export.packaging import package
from pipelines.training.export.saving import load_weights, save
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.layers import layers
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.pruning.attention import attentions, shared_biases
from pipelines.training.pruning.drop_layers import NotPrunable, drop_layers
from pipelines.training.pruning.head_importance import gated_heads, head_importance
from pipelines.training.pruning.prune import most_important_heads, prune
from pipelines.training.pruning.prune_heads import full_state, kept_heads, prune_heads
from tests.conftest import small_rows
from tests.pipelines.training.small import silent

CPU = torch.device("cpu")
SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64}
FAMILIES = {
    "BERT": (transformers.BertModel, transformers.BertConfig, SIZES),
    "RoBERTa": (transformers.RobertaModel, transformers.RobertaConfig, SIZES),
    "MPNet": (transformers.MPNetModel, transformers.MPNetConfig, SIZES),
    "DistilBERT": (
        transformers.DistilBertModel,
        transformers.DistilBertConfig,
        {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 64},
    ),
    "ModernBERT": (transformers.ModernBertModel, transformers.ModernBertConfig, {**SIZES, "pad_token_id": 0}),
}


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(180), columns=["text", "label"])
    return rows.assign(validation=[number % 5 == 0 for number in range(len(rows))], origin="source", weight=1.0)


def pruned(spec, **options):
    return spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"pruning": Pruning(**options)})})


def encoder_of(family):
    model, config, sizes = FAMILIES[family]
    torch.manual_seed(0)
    encoder = model(config(vocab_size=99, **sizes)).eval()
    with torch.no_grad():
        for weight in encoder.parameters():  # fresh weights: attention is nearly even, heads nearly equal
            weight.mul_(5) if weight.ndim > 1 else weight.add_(0.1 * torch.randn_like(weight))
    return encoder


def states(encoder):
    ids = torch.arange(5, 19).view(2, 7)
    mask = torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
    with torch.inference_mode():
        return encoder(input_ids=ids, attention_mask=mask).last_hidden_state[mask.bool()]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_head_left_out_is_a_head_silenced_in_every_family(family, tmp_path):
    encoder = encoder_of(family)
    drop_layers(encoder, 1)
    kept = [[0, 2, 3], [0, 2, 3]] if shared_biases(encoder, 4) else [[0, 2, 3], [1]]
    found = attentions(encoder, [4, 4])
    gates = torch.zeros(2, 2, 4)
    for gate, heads in zip(gates, kept, strict=True):
        gate[:, heads] = 1
    whole, weights = states(encoder), sum(weight.numel() for weight in encoder.parameters())
    with gated_heads(encoder, found, gates):
        silenced = states(encoder)
    prune_heads(encoder, kept)
    torch.testing.assert_close(states(encoder), silenced, rtol=1e-4, atol=1e-4)
    assert (silenced - whole).abs().max() > 0.01
    assert sum(weight.numel() for weight in encoder.parameters()) < weights
    encoder.save_pretrained(tmp_path, state_dict=full_state(encoder))
    again = transformers.AutoModel.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(states(again), silenced, rtol=1e-4, atol=1e-4)  # Transformers alone can read it
    prune_heads(again, kept_heads(again))
    assert [weight.shape for weight in again.parameters()] == [weight.shape for weight in encoder.parameters()]
    torch.testing.assert_close(states(again), silenced, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_left_without_upper_layers_is_the_lower_ones(family, tmp_path):
    encoder = encoder_of(family)
    path, _ = layers(encoder)
    left = []
    encoder.get_submodule(f"{path}.1").register_forward_hook(
        lambda _module, _inputs, output: left.append(output[0] if isinstance(output, tuple) else output)
    )
    states(encoder)
    drop_layers(encoder, 1)
    encoder.save_pretrained(tmp_path)
    shorter = transformers.AutoModel.from_pretrained(tmp_path).eval()
    assert shorter.config.num_hidden_layers == len(layers(shorter)[1]) == 2
    states(encoder)
    torch.testing.assert_close(left[1], left[0])
    torch.testing.assert_close(states(shorter), states(encoder))


def test_the_worth_of_a_head_is_the_slope_of_the_loss_with_its_gate(topics):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    torch.nn.init.normal_(model.head.weight)
    net, found = make_network(model, CPU, 0), attentions(model.encoder, [2, 2])
    texts = ["my bag is lost", "thank you so much", "the flight is late again"]
    part = Examples(net.prepare(tokenise(texts, tokenizer, 128)), torch.tensor([0, 2, 2]), torch.ones(3), objective)

    def losses(gates):
        with gated_heads(model.encoder, found, gates), torch.inference_mode():
            return nn.functional.cross_entropy(net.logits(part.rows), part.targets, reduction="none")

    model.eval()
    expected = torch.zeros(2, 2)
    for layer, head in np.ndindex(2, 2):
        step = torch.zeros(2, 3, 2)
        step[layer, :, head] = 0.05
        expected[layer, head] = ((losses(1 + step) - losses(1 - step)) / 0.1).abs().sum()
    expected = nn.functional.normalize(expected, dim=1)
    torch.testing.assert_close(head_importance(net, part, found), expected, rtol=0.02, atol=1e-3)


@pytest.mark.parametrize("idle", [0, 1])
def test_the_head_that_does_nothing_goes_first(topics, frame, idle):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    with torch.no_grad():
        for layer in model.encoder.encoder.layer:
            layer.attention.output.dense.weight[:, 16 * idle : 16 * idle + 16] = 0
    texts = tokenise(frame["text"].tolist()[:20], tokenizer, 128)
    before = make_network(model, CPU, 0).predict(texts)
    prune([model], tokenizer, frame, pruned(topics, heads=0.5))
    assert kept_heads(model.encoder) == [[1 - idle], [1 - idle]]
    np.testing.assert_allclose(make_network(model, CPU, 0).predict(texts), before, atol=1e-5)


def test_heads_go_by_their_worth_in_each_layer():
    worth = torch.tensor([[0.1, 0.9, 0.5, 0.3], [0.7, 0.2, 0.6, 0.1]])
    assert most_important_heads(worth, 2) == [[1, 2], [0, 2]]


def test_a_pruned_encoder_learns_and_learns_on_and_answers_in_a_fresh_process(topics, frame, tmp_path):
    spec = pruned(topics, heads=0.5)
    first = fine_tune(frame, spec, tmp_path / "first", None, silent)
    again = pd.concat([frame, frame.head(40).assign(origin="feedback", validation=False)])
    second = fine_tune(again, spec, tmp_path / "second", first.weights, silent)
    assert first.curve.score[-1][1] > 0.9
    assert second.curve.score[0][1] > 0.9
    (model,), tokenizer = load_weights(second.weights, 3, 0.0)
    assert [len(heads) for heads in kept_heads(model.encoder)] == [1, 1]  # retraining prunes no further heads
    assert model.encoder.encoder.layer[0].attention.self.query.weight.shape == (16, 32)
    ids = tokenise(["my bag is lost"], tokenizer, 128)[0]
    code = (
        "import json, sys, pathlib, torch; from pipelines.training.export.saving import load_weights; "
        "(model,), _ = load_weights(pathlib.Path(sys.argv[1]), 3, 0.0); ids = torch.tensor([json.loads(sys.argv[2])]); "
        "print(json.dumps(model.eval()(ids, torch.ones_like(ids)).tolist()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(second.weights), json.dumps(ids.tolist())],
        capture_output=True,
        text=True,
        check=True,
    )
    expected = model.eval()(ids.unsqueeze(0), torch.ones(1, len(ids))).detach().numpy()
    np.testing.assert_allclose(json.loads(found.stdout), expected, atol=1e-5)


def test_what_is_left_out_is_not_in_the_package(topics, frame, tmp_path):
    sizes = {}
    for name, spec in {
        "whole": topics,
        "layers": pruned(topics, layers=1),
        "heads": pruned(topics, heads=0.5),
        "both": pruned(topics, layers=1, heads=0.5),
    }.items():
        model, tokenizer = load_pretrained(spec.base_model, 3, 0.0)
        prune([model], tokenizer, frame, spec)
        file = package(model, tokenizer, spec, tmp_path / name) / "model.onnx"
        kinds = [tensor for tensor in onnx.load(file).graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
        sizes[name] = sum(int(np.prod(tensor.dims)) for tensor in kinds if len(tensor.dims) == 2)
        assert not (tmp_path / f"{name}-whole").exists()
    layer, half = 4 * 32 * 32 + 2 * 32 * 64, 2 * 32 * 32
    words = sizes["whole"] - 2 * layer
    assert sizes == {
        "whole": words + 2 * layer,
        "layers": words + layer,
        "heads": words + 2 * (layer - half),
        "both": words + layer - half,
    }


def test_all_members_of_an_ensemble_lose_the_same_heads(topics, frame, tmp_path):
    members, tokenizer = zip(*(load_pretrained(topics.base_model, 3, 0.0) for _ in range(2)), strict=True)
    prune(members, tokenizer[0], frame, pruned(topics, heads=0.5))
    assert kept_heads(members[0].encoder) == kept_heads(members[1].encoder)
    save(members, tokenizer[0], tmp_path)
    models, _ = load_weights(tmp_path, 3, 0.0)
    assert [kept_heads(model.encoder) for model in models] == [kept_heads(model.encoder) for model in members]


def test_an_encoder_whose_heads_nobody_knows_is_refused_with_a_remedy():
    fnet = transformers.FNetModel(transformers.FNetConfig(vocab_size=99, hidden_size=32, num_hidden_layers=3))
    with pytest.raises(NotPrunable, match=r"FNetModel.*pruning\.heads to 0"):
        attentions(fnet, [4, 4, 4])


def test_an_encoder_that_only_looks_like_one_we_know_is_refused(topics, frame):
    """Its layer multiplies by a number of heads that pruning does not update."""
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    own = model.encoder.encoder.layer[1].attention.self
    own.register_forward_hook(lambda module, _inputs, output: (output[0] * module.query.out_features, *output[1:]))
    with pytest.raises(NotPrunable, match="give different answers"):
        prune([model], tokenizer, frame, pruned(topics, heads=0.5))


def test_at_least_one_layer_and_one_head_stay(topics, frame):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    with pytest.raises(NotPrunable, match="at most 1"):
        prune([model], tokenizer, frame, pruned(topics, layers=2))
    prune([model], tokenizer, frame, pruned(topics, heads=0.99))
    assert [len(heads) for heads in kept_heads(model.encoder)] == [1, 1]
    with pytest.raises(NotPrunable, match="are pruned already"):
        prune([model], tokenizer, frame, pruned(topics, heads=0.5))
