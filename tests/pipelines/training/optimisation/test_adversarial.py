"""Adversarial training at the worst points near the texts."""

import pytest
import torch

from pipelines.catalog.recipe import Adversary, Recipe
from pipelines.kinds.classification import objective
from pipelines.training.optimisation.training_objective import Examples, adversarial_backward, batch_loss
from tests.pipelines.training.small import build, recipe_of, run

KEPT = pytest.mark.parametrize("kept", [0, 1], ids=["whole", "lower layer kept"])


@pytest.mark.parametrize(("kind", "kept"), [("fgm", 0), ("pgd", 1)], ids=["fgm, whole", "pgd, lower layer kept"])
def test_a_hardened_network_holds_where_texts_are_moved(topics, kind, kept):
    adversary = Adversary(kind=kind, size=0.1)
    worst = {}
    for chosen in (None, adversary):
        net, train = build(topics, kept=kept, rows=48)
        run(net, train, recipe_of(topics, adversary=chosen, epochs=16))
        worst[chosen] = worst_loss(net, train, adversary)
    assert worst[adversary] < 0.75 * worst[None]


def worst_loss(net, train, adversary):
    """The loss at the worst point of `adversary`, which is computed last."""
    seen = []

    def loss():
        seen.append(batch_loss(net, train, Recipe(), float(train.weights.sum())))
        return seen[-1]

    net.model.eval()
    with net.trainable_part():
        adversarial_backward(net.input_module, loss, adversary)
    net.model.zero_grad()
    return seen[-1].item()


@KEPT
def test_several_steps_find_a_point_at_least_as_bad_as_one(topics, kept):
    net, train = build(topics, kept=kept)
    run(net, train, recipe_of(topics))
    for size in (0.1, 0.3, 0.6):
        plain = worst_loss(net, train, Adversary(size=0.0))
        fgm, pgd = (worst_loss(net, train, Adversary(kind=kind, size=size, steps=5)) for kind in ("fgm", "pgd"))
        assert plain < fgm
        assert fgm <= pgd + 1e-4


def test_how_far_a_text_is_moved_does_not_depend_on_its_neighbours(topics):
    net, train = build(topics)
    torch.nn.init.ones_(net.model.encoder.get_input_embeddings().weight[0].detach())
    lengths = [len(row) for row in train.rows]
    short, long = (train.select([pick(range(96), key=lengths.__getitem__)]) for pick in (min, max))
    both = Examples(
        [*short.rows, *long.rows], torch.cat([short.targets, long.targets]), torch.tensor([1.0, 0.0]), objective
    )
    found = [worst_loss(net, part, Adversary(size=0.5)) for part in (short, both)]
    assert found[0] == pytest.approx(found[1], abs=1e-4)
    assert found[0] > worst_loss(net, short, Adversary(size=0.0)) + 0.01
