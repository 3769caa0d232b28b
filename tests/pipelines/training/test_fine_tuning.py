import hashlib
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.recipe import Budget
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.classification import objective
from pipelines.training import fine_tuning
from pipelines.training.challenger import FORM, METHOD, training_key
from pipelines.training.export.saving import load_weights
from pipelines.training.fine_tuning import fine_tune, train_networks
from pipelines.training.initialise import SingleLabel
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import EncoderNotFound, load_pretrained, locate_encoder
from pipelines.training.network.frozen import lower_states, upper_layers
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.cost import Meter, OverBudget
from pipelines.training.optimisation.descent import Diverged
from pipelines.training.optimisation.learning import TrainingData, train_network
from pipelines.training.optimisation.training_loop import training_loop
from pipelines.training.optimisation.training_objective import Examples
from tests.conftest import small_rows, topics_model
from tests.pipelines.training.small import NONE, build, logits_of, loss_on, recipe_of, silent, steps

CPU = torch.device("cpu")


def texts():
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    return rows.assign(validation=[number % 10 == 0 for number in range(len(rows))], origin="source", weight=1.0)


@pytest.fixture
def frame():
    return texts()


@pytest.fixture(scope="module")
def trained(tiny_encoder, tmp_path_factory):
    """A challenger, and the steps that its training reported."""
    seen, folder = [], tmp_path_factory.mktemp("trained")
    spec = topics_model(folder / "unread.csv", tiny_encoder)
    return fine_tune(texts(), spec, folder, None, lambda *step: seen.append(step)), seen


def test_a_challenger_learns_its_labels(frame, trained):
    challenger, seen = trained
    packaged = ModelPackage.load(challenger.package)
    found = [answer.label for answer in packaged.predict(frame["text"].tolist())]
    assert np.mean(np.array(found) == frame["label"]) > 0.9
    assert seen[-1][0] <= seen[-1][1]
    assert challenger.curve.loss[-1][1] < challenger.curve.loss[0][1]


def test_the_same_seed_gives_the_same_challenger(frame, topics, trained):
    assert train_networks(frame, topics, None, silent, Meter()).curve == trained[0].curve


def test_the_package_answers_as_the_trained_network_does(frame, topics, trained):
    challenger, _ = trained
    (model,), tokenizer = load_weights(challenger.weights, len(topics.target.names), 0.0)
    texts = frame["text"].tolist()[:50]
    net = make_network(model, CPU, 0)
    trained = net.predict(net.prepare(tokenise(texts, tokenizer, 128))).argmax(1)
    packaged = ModelPackage.load(challenger.package).calibrated(texts).argmax(1)
    assert (trained == packaged).mean() >= 0.98


def test_what_packaging_costs_counts_too(frame, topics, tmp_path, monkeypatch):
    monkeypatch.setattr(fine_tuning, "write_challenger", lambda *_: time.sleep(5) or ())
    recipe = topics.recipe.model_copy(update={"epochs": 0, "budget": Budget(seconds=5)})
    with pytest.raises(OverBudget):
        fine_tune(frame, topics.model_copy(update={"recipe": recipe}), tmp_path, None, silent)


def test_a_base_that_is_written_anew_is_another_base(topics, tiny_encoder, tmp_path):
    base = tmp_path / "base"
    shutil.copytree(tiny_encoder, base)
    spec = topics.model_copy(update={"base_model": str(base)})
    before = training_key("a", spec, None)
    assert training_key("a", topics, None) == before  # the same encoder elsewhere
    model, _ = load_pretrained(str(base), 3, 0.0)
    torch.nn.init.normal_(model.encoder.embeddings.word_embeddings.weight)
    model.encoder.save_pretrained(base)
    assert training_key("a", spec, None) != before
    shutil.rmtree(base)
    assert training_key("a", spec, "parent")  # retraining needs no base model


def test_a_feedback_step_lowers_the_loss_of_its_example(topics):
    """Descent with `alpha` as weight: the article's update adds the gradient, which would raise the loss."""
    net, train = build(topics)
    feedback = replace(train.select([0]), weights=torch.tensor([topics.recipe.alpha]))
    before = loss_on(net, feedback)
    next(steps(net, feedback, recipe_of(topics, batch=1), 1))
    assert loss_on(net, feedback) < before


@pytest.mark.parametrize("alpha", [0.1, 4.0])
def test_a_step_goes_the_way_of_the_heavier_example(topics, alpha):
    """Two rows of one text with different labels: the step follows the heavier row."""
    net, train = build(topics)
    row = train.rows[0]
    both = Examples([row, row], torch.tensor([0, 1]), torch.tensor([1.0, alpha]), objective)
    before = logits_of(net, both)[0]
    next(steps(net, both, recipe_of(topics, batch=2), 1))
    moved = logits_of(net, both)[0] - before
    assert (moved[1] - moved[0] > 0) == (alpha > 1)


def test_kept_lower_layers_change_nothing_but_the_work(topics):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    model.eval()
    ids = tokenise(["my bag is lost", "thank you so much for this lovely trip today"], tokenizer, 128)
    whole, part = make_network(model, CPU, 0), make_network(model, CPU, 1)
    expected = whole.predict(whole.prepare(ids))
    rows = lower_states(model.encoder, ids, 1, CPU)
    with upper_layers(model.encoder, 1):
        found = part.predict(rows)
    np.testing.assert_allclose(found, expected, atol=2e-3)  # stored states have half precision
    np.testing.assert_allclose(whole.predict(whole.prepare(ids)), expected)


def test_a_warm_head_already_separates_what_embeddings_separate():
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 200)
    embeddings = (draw.normal(size=(200, 8)) + 3 * labels[:, None]).astype(np.float32)
    head = torch.nn.Linear(8, 3)
    objective.init_head(head, embeddings, torch.tensor(labels), np.ones(200))
    found = head(torch.tensor(embeddings)).argmax(1).numpy()
    assert (found == labels).mean() > 0.95


@pytest.mark.parametrize(("epochs", "read"), [(1, 4096 + 16), (0, 6000)], ids=["will learn on", "is all there is"])
def test_a_head_that_learns_on_starts_from_enough_rows_and_from_every_label(topics, epochs, read):
    rare = torch.arange(6000) % 300 == 0  # 20 of 6000, drawn less often than 16 times by this seed
    seen = []
    watched = SimpleNamespace(
        **vars(objective) | {"init_head": lambda head, rows, targets, weights: seen.append(targets)}
    )
    net, train = build(topics, rows=1)
    many = Examples(train.rows * 6000, rare.long(), torch.ones(6000), watched)
    recipe = topics.recipe.model_copy(update={"epochs": epochs, "batch": 3000})
    train_network(net, TrainingData(many, NONE), recipe, silent, Meter(), fresh=True)
    assert len(seen[0]) <= read
    assert len(seen[0]) >= read - 16
    assert (seen[0] == 1).sum() >= 16


def test_rows_of_one_label_are_refused_with_a_remedy(topics, frame, tmp_path):
    with pytest.raises(SingleLabel, match="add messages of another label"):
        fine_tune(frame[frame["label"] == "delay"], topics, tmp_path, None, silent)


def test_without_validation_rows_nothing_is_noted_as_a_score(topics, frame, tmp_path):
    scores = []
    brief = topics.model_copy(update={"recipe": topics.recipe.model_copy(update={"epochs": 1})})
    found = fine_tune(frame.assign(validation=False), brief, tmp_path, None, lambda *step: scores.append(step[3]))
    assert (found.curve.score, found.curve.accuracy) == ([], [])
    assert set(scores) == {None}


def test_a_diverging_run_stops_itself(topics):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    torch.nn.init.constant_(model.head.weight, float("nan"))
    net = make_network(model, CPU, 0)
    examples = Examples(
        net.prepare(tokenise(["my bag"], tokenizer, 128)), torch.tensor([0]), torch.tensor([1.0]), objective
    )
    with pytest.raises(Diverged, match="lower the recipe's rate"):
        training_loop(net, examples, examples, topics.recipe, silent)


def test_the_key_changes_with_everything_that_changes_the_model(topics):
    recipe = topics.model_copy(update={"recipe": topics.recipe.model_copy(update={"epochs": 9})})
    keys = {
        training_key("a", topics, None),
        training_key("b", topics, None),
        training_key("a", recipe, None),
        training_key("a", topics, "parent"),
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("sentiment", "99084c05f71a312588d1958b5905fa622350f56ed2170c4b2c51a36f604f34b5"),
        ("intent", "fe83f511f29eb26a551346d06ea5ea5fb2dad3a56fade0b3210abc988ea7f06e"),
    ],
)
def test_a_champion_that_stands_is_not_learnt_again_because_the_engine_learns_better_now(name, digest):
    """The training key of older homes is unchanged, though training now runs its whole schedule."""
    recipe = next(spec.recipe for spec in BUILT_IN if spec.name == name)
    assert hashlib.sha256(recipe.model_dump_json().encode()).hexdigest() == digest
    assert (METHOD, FORM) == ("7", "3")


def test_a_missing_encoder_is_named(topics, tmp_path):
    with pytest.raises(EncoderNotFound, match="nowhere"):
        load_pretrained(str(tmp_path / "nowhere"), 2, 0.0)


def test_the_packaged_encoder_is_found_without_a_network():
    assert (Path(locate_encoder("minilm")) / "model.safetensors").exists()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_trains_in_mixed_precision(frame, topics, tmp_path):
    from pipelines.training.network.device import choose_device, compute_dtype, mixed_precision

    assert compute_dtype(choose_device()) is torch.bfloat16
    with mixed_precision(choose_device(), compute_dtype(choose_device())):
        product = torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")
    assert product.dtype is torch.bfloat16
    challenger = fine_tune(frame, topics, tmp_path, None, silent)
    assert challenger.curve.score[-1][1] > 0.8
