import numpy as np
import pandas as pd
import pytest
import torch
from transformers.utils import logging as transformers_logging

from pipelines.catalog.recipe import Budget
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network
from pipelines.training.optimisation import contrastive as contrasting
from pipelines.training.optimisation.contrastive import contrastive_loss, same_label_pairs, train_contrastive
from pipelines.training.optimisation.cost import Meter, OverBudget
from pipelines.training.optimisation.learning import TrainingData, build_examples, train_network
from tests.conftest import small_rows
from tests.pipelines.training.small import silent

CPU = torch.device("cpu")
ROWS = pd.DataFrame(small_rows(), columns=["text", "label"]).assign(weight=1.0)
FEW = ROWS.groupby("label").head(8)
REST = ROWS.drop(FEW.index)


@pytest.fixture(autouse=True)
def _as_the_tiny_encoder_needs(monkeypatch):
    transformers_logging.disable_progress_bar()
    monkeypatch.setattr(contrasting, "RATE", 1e-2)


@pytest.fixture
def train_pairs(topics):
    """A network and its eight texts a label, after so many contrastive passes."""

    def train(passes, seed=7, kept=0, budget=None, watch=silent, **changes):
        recipe = topics.recipe.model_copy(update={"contrast": passes, "seed": seed, "epochs": 0, **changes})
        torch.manual_seed(seed)
        model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
        net = make_network(model, CPU, kept)
        lesson = TrainingData(build_examples(FEW, net, tokenizer, topics), build_examples(REST, net, tokenizer, topics))
        curve = train_network(net, lesson, recipe, watch, Meter(budget), fresh=True)
        return net, lesson, curve

    return train


def likeness(net, part):
    """Mean cosine within a label, and between labels."""
    with net.trainable_part():
        found = net.predict(part.rows, embeddings=True)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    same = part.targets.numpy()[:, None] == part.targets.numpy()[None]
    itself = np.eye(len(same), dtype=bool)
    return (unit @ unit.T)[same & ~itself].mean(), (unit @ unit.T)[~same].mean()


@pytest.mark.parametrize("kept", [0, 1], ids=["whole", "its lower layer kept"])
def test_texts_of_a_label_come_together_and_others_part(train_pairs, kept):
    (plain, lesson, _), (drawn, _, _) = train_pairs(0, kept=kept), train_pairs(4, kept=kept)
    within, between = likeness(plain, lesson.validation)
    nearer, farther = likeness(drawn, lesson.validation)
    assert nearer - farther > 3 * (within - between) > 0


def test_few_texts_teach_more_after_a_contrastive_start(train_pairs):
    without, after = (np.mean([train_pairs(passes, seed)[2].accuracy[0][1] for seed in (7, 8, 9)]) for passes in (0, 6))
    assert after > without + 0.02


def test_kept_layers_stay_as_they_are(train_pairs):
    (plain, _, _), (drawn, _, _) = train_pairs(0, kept=1), train_pairs(2, kept=1)
    one, other = plain.model.encoder.state_dict(), drawn.model.encoder.state_dict()
    moved = {name for name in one if not torch.equal(one[name], other[name])}
    assert moved
    assert all(name.startswith("encoder.layer.1.") for name in moved)


def test_a_champion_is_not_drawn_apart_again(topics, train_pairs):
    net, lesson, _ = train_pairs(0)
    before = {name: value.clone() for name, value in net.model.state_dict().items()}
    recipe = topics.recipe.model_copy(update={"contrast": 3, "epochs": 0})
    train_network(net, lesson, recipe, silent, Meter(), fresh=False)
    assert all(torch.equal(value, before[name]) for name, value in net.model.state_dict().items())


def test_the_same_seed_gives_the_same_start(train_pairs):
    one, other = (train_pairs(1)[0].model.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_batch_of_pairs_is_never_computed_in_parts(train_pairs):
    one, other = (train_pairs(1, accumulate=parts)[0].model.state_dict() for parts in (1, 4))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_each_text_is_paired_with_its_own_label_and_none_without_one():
    labels = torch.tensor([0, 1, 0, 2, 1, 0, -1])
    found = same_label_pairs(labels, torch.Generator().manual_seed(0))
    assert sorted(one for one, _ in found) == [0, 1, 2, 3, 4, 5]
    assert all(labels[one] == labels[other] for one, other in found)
    assert [other for one, other in found if one == 3] == [3]
    assert all(one != other for one, other in found if one != 3)


def test_a_pass_over_many_texts_is_a_sample_of_them(monkeypatch):
    monkeypatch.setattr(contrasting, "PAIRS", 50)
    found = same_label_pairs(torch.arange(1000) % 3, torch.Generator().manual_seed(0))
    assert len(found) == len({one for one, _ in found}) == 50


def test_the_loss_is_that_of_the_paper():
    """Supervised contrastive loss, outside sum (Khosla and others, 2020, equation 2), by hand."""
    embeddings, labels = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)), [0, 0, 1, 1, 1, 0]
    unit = (embeddings / embeddings.norm(dim=1, keepdim=True)).double()
    losses = []
    for one in range(6):
        logits = {other: float(unit[one] @ unit[other]) / 0.1 for other in range(6) if other != one}
        total = np.log(sum(np.exp(value) for value in logits.values()))
        losses.append(-np.mean([value - total for other, value in logits.items() if labels[other] == labels[one]]))
    assert contrastive_loss(embeddings, torch.tensor(labels)).item() == pytest.approx(np.mean(losses), rel=1e-4)


def test_progress_is_told_and_the_budget_kept(train_pairs):
    seen = []
    train_pairs(2, watch=lambda *step: seen.append(step[:2]))
    assert seen[:6] == [(step, 6) for step in range(1, 7)]
    with pytest.raises(OverBudget):
        train_pairs(2, budget=Budget(seconds=1e-6))


def test_one_label_has_nothing_to_part_from(topics):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    net = make_network(model, CPU, 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    lonely = build_examples(FEW[FEW["label"] == "delay"], net, tokenizer, topics)
    train_contrastive(net, lonely, topics.recipe.model_copy(update={"contrast": 1}), silent, Meter())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
