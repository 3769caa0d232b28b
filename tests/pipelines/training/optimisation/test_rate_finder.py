from dataclasses import replace

import pytest
import torch

from pipelines.catalog.recipe import Adapter
from pipelines.training.adapters.attaching import attach_adapters
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import TrainingData, train_network
from pipelines.training.optimisation.optimiser import LOWEST, find_rate
from tests.pipelines.training.small import NONE, build, loss_on, recipe_of, run, silent, state_of


def test_the_rate_that_is_found_learns_where_the_lowest_does_not(topics):
    losses = {}
    for rate in ("found", LOWEST):
        net, train = build(topics)
        curve = run(net, train, recipe_of(topics, rate=rate, head_rate=LOWEST, epochs=5))
        losses[curve.rate] = loss_on(net, train)
    chosen, lowest = losses
    assert chosen > 10 * lowest == 10 * LOWEST
    assert losses[lowest] > 1.05
    assert losses[chosen] < 0.8


def test_the_rate_that_is_found_suits_a_network_whose_head_is_fitted_already(topics):
    """Only the encoder can learn these labels: the head alone has reached its lowest loss at the start."""
    losses = {}
    for rate in ("found", LOWEST):
        net, train = build(topics)
        by_lot = replace(train, targets=torch.randint(0, 3, (96,), generator=torch.Generator().manual_seed(0)))
        recipe = recipe_of(topics, rate=rate, head_rate=LOWEST, epochs=10)
        curve = train_network(net, TrainingData(by_lot, NONE), recipe, silent, Meter(), fresh=True)
        losses[curve.rate] = loss_on(net, by_lot)
    assert max(losses) > 10 * LOWEST
    assert losses[max(losses)] < 0.85 * losses[LOWEST]


@pytest.mark.parametrize("kept", [0, 1], ids=["whole", "lower layer kept"])
def test_looking_for_a_rate_leaves_weights_and_chance_as_they_were(topics, kept):
    net, train = build(topics, kept=kept, dropout=0.1, within=0.1)
    before, chance = state_of(net), torch.get_rng_state()
    with net.trainable_part():
        assert find_rate(net, train, recipe_of(topics)) >= LOWEST
    assert torch.equal(torch.get_rng_state(), chance)
    assert all(torch.equal(weight, before[name]) for name, weight in net.model.state_dict().items())


def test_an_adapter_is_offered_higher_rates_than_whole_layers(topics):
    """IA3 only scales activations: it trains at a hundred times the rate."""
    found_for = {}
    for adapter in (None, Adapter(kind="ia3")):
        net, train = build(topics)
        recipe = recipe_of(topics, rate="found").model_copy(update={"adapter": adapter})
        found_for[adapter] = find_rate(
            make_network(*attach_adapters([net.model], recipe), net.device, 0), train, recipe
        )
    plain, ia3 = found_for.values()
    assert ia3 > 2 * plain


def test_looking_for_a_rate_computes_a_batch_in_its_parts(topics):
    net, train = build(topics)
    seen = []
    net.model.encoder.register_forward_pre_hook(
        lambda _module, _args, inputs: seen.append(len(inputs["attention_mask"])), with_kwargs=True
    )
    rates = [find_rate(net, train, recipe_of(topics, batch=32, accumulate=parts)) for parts in (1, 4)]
    assert set(seen) == {32, 8}
    assert rates[0] == pytest.approx(rates[1])
