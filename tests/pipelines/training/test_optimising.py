from dataclasses import replace

import pytest
import torch
from transformers import AutoModel, DistilBertConfig

from pipelines.catalog.recipe import Adversary
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Descent, Diverged
from pipelines.training.optimisation.learning import TrainingData, train_network
from pipelines.training.optimisation.optimiser import make_optimiser, make_schedule
from tests.pipelines.training.small import build, loss_on, recipe_of, run, silent, state_of, steps


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("linear", [0, 0.5, 1, 0.75, 0.5, 0.25]),
        ("cosine", [0, 0.5, 1, 0.8536, 0.5, 0.1464]),
        ("constant", [0, 0.5, 1, 1, 1, 1]),
    ],
)
def test_rates_rise_over_the_warm_up_and_then_take_their_shape(topics, shape, expected):
    plain = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    rates = make_schedule(plain, recipe_of(topics, schedule=shape, warmup=0.2), 10)
    seen = []
    for _ in range(10):
        seen.append(rates.get_last_lr()[0])
        plain.step()
        rates.step()
    assert [seen[step] for step in (0, 1, 2, 4, 6, 8)] == pytest.approx(expected, abs=1e-4)


def _bert(topics):
    return build(topics)[0].model, ("embeddings", "encoder.layer.0.", "encoder.layer.1.")


def _distilbert(_topics):
    config = DistilBertConfig(vocab_size=40, dim=32, n_layers=3, n_heads=2, hidden_dim=64)
    depths = ("embeddings", *(f"transformer.layer.{number}." for number in range(3)))
    return Classifier(AutoModel.from_config(config), 3), depths


@pytest.mark.parametrize("family", [_bert, _distilbert])
def test_each_layer_learns_slower_than_the_one_above_and_embeddings_slowest(topics, family):
    model, depths = family(topics)
    climb = make_optimiser(model, recipe_of(topics, layer_decay=0.5, head_rate=0.3), 0.1)
    rates = {id(weight): group["lr"] for group in climb.param_groups for weight in group["params"]}
    by_depth = [
        {rates[id(weight)] for name, weight in model.encoder.named_parameters() if name.startswith(depth)}
        for depth in depths
    ]
    assert by_depth == [{0.1 * 0.5 ** (len(depths) - 1 - number)} for number in range(len(depths))]
    assert {rates[id(weight)] for weight in model.head.parameters()} == {0.3}


def test_a_decayed_layer_moves_less(topics):
    net, train = build(topics)
    before = state_of(net)
    run(net, train, recipe_of(topics, layer_decay=0.1, epochs=1, optimiser="adafactor"))
    moved = {name: (value - before[name]).abs().mean() for name, value in net.model.state_dict().items()}
    query = "encoder.{}attention.self.query.weight"
    lower, upper = (moved[query.format(f"encoder.layer.{number}.")] for number in (0, 1))
    assert lower < upper / 5
    assert moved["encoder.embeddings.word_embeddings.weight"] < lower


@pytest.mark.parametrize("name", ["adamw", "adafactor"])
def test_both_optimisers_learn_at_the_same_rate(topics, name):
    net, train = build(topics)
    run(net, train, recipe_of(topics, optimiser=name))
    assert loss_on(net, train) < 0.5


def test_adafactor_remembers_less_than_adamw(topics):
    sizes = {}
    for name in ("adamw", "adafactor"):
        net, train = build(topics)
        (climb,) = steps(net, train, recipe_of(topics, optimiser=name), 1)
        kept = [value for one in climb.optimiser.state.values() for value in one.values() if torch.is_tensor(value)]
        sizes[name] = sum(value.numel() * value.element_size() for value in kept)
    assert sizes["adafactor"] < sizes["adamw"] / 10


@pytest.mark.parametrize("name", ["adamw", "adafactor"])
def test_matrices_decay_and_biases_and_norms_do_not(topics, name):
    net, _ = build(topics)
    before = {key: weight.detach().clone() for key, weight in net.model.named_parameters()}
    climb = make_optimiser(net.model, recipe_of(topics, optimiser=name, weight_decay=0.5, head_rate=0.1), 0.1)
    learning = {key: weight for key, weight in net.model.named_parameters() if weight.requires_grad}
    for weight in learning.values():
        weight.grad = torch.zeros_like(weight)
    climb.step()
    left = {True: 0.95, False: 1.0}
    for key, weight in learning.items():
        torch.testing.assert_close(weight.detach(), before[key] * left[weight.ndim > 1])
        assert (weight.ndim > 1) != (key.endswith("bias") or "LayerNorm" in key)


def test_weight_decay_keeps_weights_small(topics):
    norms = []
    for decay in (0.0, 5.0):
        net, train = build(topics)
        run(net, train, recipe_of(topics, weight_decay=decay))
        norms.append(sum(weight.norm().item() for weight in net.model.parameters() if weight.ndim > 1))
    assert norms[1] < 0.9 * norms[0]


def test_a_run_at_a_hopeless_rate_stops_itself(topics):
    net, train = build(topics)
    recipe = recipe_of(topics, rate=0.9, epochs=20)
    with pytest.raises(Diverged, match=r"the loss became .* at step \d+; lower the recipe's rate \(0\.9\)"):
        train_network(net, TrainingData(train, train), recipe, silent, Meter(), fresh=True)


@pytest.mark.parametrize("adversary", [None, Adversary(size=0.3)], ids=["plain", "fgm"])
def test_a_batch_in_four_parts_teaches_what_the_whole_teaches(topics, adversary):
    """8 x 4 equals 32 x 1, though the texts differ in length and weight."""
    learnt = {}
    for parts in (1, 4):
        net, train = build(topics)
        train = replace(train, weights=torch.rand(96, generator=torch.Generator().manual_seed(1)) * 3)
        recipe = recipe_of(topics, batch=32, accumulate=parts, adversary=adversary)
        list(steps(net, train, recipe, 6))
        learnt[parts] = state_of(net)
    for name, weight in learnt[1].items():
        torch.testing.assert_close(weight, learnt[4][name], atol=2e-4, rtol=0)
    start, _ = build(topics)
    assert not torch.allclose(start.model.head.weight, learnt[1]["head.weight"], atol=2e-3)


def test_a_batch_in_parts_is_never_computed_at_once(topics, monkeypatch):
    net, train = build(topics)
    seen = []
    net.model.encoder.register_forward_pre_hook(
        lambda _module, _args, inputs: seen.append(len(inputs["attention_mask"])), with_kwargs=True
    )
    list(steps(net, train, recipe_of(topics, batch=32, accumulate=4), 1))
    assert seen == [8, 8, 8, 8]


def test_a_step_that_fp16_does_not_take_counts_for_nothing_that_follows_steps(topics):
    """AdaLoRA would read an infinite gradient as the greatest importance."""
    net, train = build(topics)
    seen, endless = [], torch.tensor(float("inf"))
    net.model.adapter.after_step = lambda *step: seen.append(step)
    climb = Descent(net, recipe_of(topics, averaging=0.5), 4, 2e-3)
    climb.grad_scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    before = state_of(net)
    hook = net.model.head.weight.register_hook(lambda gradient: gradient * endless)
    climb.step(train.select(range(16)))
    assert not seen
    assert all(torch.equal(weight, before[name]) for name, weight in net.model.state_dict().items())
    hook.remove()
    climb.step(train.select(range(16)))
    assert seen == [(2, 4)]
