from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from pipelines.kinds.classification.objective import disagreement
from pipelines.kinds.objective import CheckResult
from pipelines.training.initialise import new_models
from pipelines.training.network.batches import shuffled_batches, tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.descent import Descent, WeightAverage
from pipelines.training.optimisation.learning import build_examples
from pipelines.training.optimisation.training_loop import EarlyStopping, significantly_worse
from tests.conftest import small_rows
from tests.pipelines.training.small import CPU, build, logits_of, loss_on, noisy, recipe_of, run, state_of, steps

KEPT = pytest.mark.parametrize("kept", [0, 1], ids=["whole", "lower layer kept"])


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    return rows.assign(validation=np.arange(len(rows)) % 5 == 0, origin="source", weight=1.0)


def same(one, other):
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


def rows_right(share, rows=100):
    return np.arange(rows) < round(share * rows)


def test_a_run_that_is_shown_to_get_worse_stops_and_leaves_its_best_state(topics):
    """Training labels contradict validation labels, so that an early state is the best."""
    net, train = build(topics)
    states = []

    def watch(_step, _steps, _loss, score):
        states.extend([state_of(net)] if score is not None else [])

    wrong = replace(train, targets=(train.targets + 1) % 3)
    run(net, train, recipe_of(topics))
    curve = run(net, wrong, recipe_of(topics, epochs=12, patience=3, rate=5e-3), train, watch, keep_initial=False)
    scores = [score for _, score in curve.accuracy[1:]]
    best = len(scores) - 1 - int(np.argmax(scores[::-1]))
    assert len(scores) == best + 1 + 3 < 12
    assert same(net.model.state_dict(), states[best])
    assert not same(net.model.state_dict(), states[-1])


def test_a_network_that_was_shown_better_before_it_learnt_stays_as_it_was(topics):
    net, train = build(topics)
    run(net, train, recipe_of(topics))
    before = state_of(net)
    run(net, replace(train, targets=(train.targets + 1) % 3), recipe_of(topics, rate=5e-3), train)
    assert same(net.model.state_dict(), before)


def test_what_chance_explains_neither_stops_a_run_nor_brings_a_state_back(topics):
    """Each epoch loses three of 130 rows, which chance explains: the whole schedule runs, and its last state stays."""
    draw, now, checks = np.random.default_rng(0), np.arange(130) < 90, []
    for _ in range(6):
        checks.append(now.copy())
        lost, gained = draw.choice(np.flatnonzero(now), 9, False), draw.choice(np.flatnonzero(~now), 6, False)
        now[lost], now[gained] = False, True
    net, train = build(topics)
    said, last = iter(checks), []

    def check(_logits, _targets):
        last.append(state_of(net))
        right = next(said)
        return CheckResult(right, right.mean(), right.mean())

    validation = replace(train, objective=SimpleNamespace(check=check))
    curve = run(net, train, recipe_of(topics, epochs=5, patience=1), validation)
    assert [row.sum() for row in checks] == [90, 87, 84, 81, 78, 75]
    assert len(curve.loss) == 5 * 6
    assert same(net.model.state_dict(), last[-1])


@pytest.mark.parametrize(
    ("lost", "gained", "shown"),
    [(6, 0, False), (7, 0, True), (15, 6, False), (30, 12, True), (0, 7, False), (0, 0, False)],
)
def test_worse_is_what_a_fair_coin_would_not_do(lost, gained, shown):
    before = np.array([True] * lost + [False] * gained + [True] * 60)
    now = np.array([False] * lost + [True] * gained + [True] * 60)
    assert significantly_worse(now, before) is shown


def test_epochs_are_measured_by_epochs_not_by_a_warm_start(topics):
    """A high-scoring start, and epochs that rise to it from below: training goes on, and the best state stays."""
    net, _ = build(topics)
    stopper, first = EarlyStopping(net, 2, rows_right(0.8)), state_of(net)
    with torch.no_grad():
        net.model.head.bias.add_(1.0)
    assert [stopper.stop(rows_right(share)) for share in (0.5, 0.6, 0.7, 0.6, 0.6)] == [False] * 4 + [True]
    risen = state_of(net)
    stopper.restore()
    assert same(net.model.state_dict(), first)
    net.model.load_state_dict(risen)
    stopper.stop(rows_right(0.78))
    stopper.restore()
    assert same(net.model.state_dict(), risen)


def test_smoothed_labels_make_a_network_less_sure(topics):
    sure, right = [], []
    for smoothing in (0.0, 0.3):
        net, train = build(topics)
        run(net, train, recipe_of(topics, label_smoothing=smoothing, epochs=8))
        answers = logits_of(net, train).softmax(1)
        sure.append(answers.max(1).values.mean().item())
        right.append((answers.argmax(1) == train.targets).float().mean().item())
    assert min(right) > 0.95
    assert sure[0] > 0.95
    assert 0.7 < sure[1] < 0.88


def test_dropout_before_the_head_acts_while_learning_only(topics):
    net, train = build(topics, dropout=0.5)
    net.model.train()
    assert not torch.equal(net.logits(train.rows), net.logits(train.rows))
    assert torch.equal(logits_of(net, train), logits_of(net, train))
    states, mask = net.states(train.rows[:4])
    assert torch.equal(states, net.states(train.rows[:4])[0])
    assert mask.shape == states.shape[:2]


FAMILIES = {
    "bert": lambda: BertModel(
        BertConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    ),
    "distilbert": lambda: DistilBertModel(
        DistilBertConfig(vocab_size=300, dim=32, n_layers=2, n_heads=2, hidden_dim=64)
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_dropout_within_the_encoder_is_what_the_recipe_says(topics, tiny_encoder, tmp_path, family):
    FAMILIES[family]().save_pretrained(tmp_path)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / file).write_bytes((tiny_encoder / file).read_bytes())
    wavers = {}
    for within in (None, 0.0, 0.4):
        model, tokenizer = load_pretrained(str(tmp_path), 3, 0.0, within)
        net = make_network(model.train(), CPU, 0)
        rows = net.prepare(tokenise(["where is my bag", "the flight is late"], tokenizer, 64))
        wavers[within] = (net.states(rows)[0] - net.states(rows)[0]).abs().mean().item()
    assert wavers[0.0] == 0
    assert wavers[0.4] > 1.5 * wavers[None] > 0


def test_both_dropouts_are_the_recipes(topics, frame):
    recipe = recipe_of(topics, dropout=0.45, encoder_dropout=0.35)
    (model,), _ = new_models(topics.model_copy(update={"recipe": recipe}), frame)
    shares = {module.p for module in model.encoder.modules() if isinstance(module, torch.nn.Dropout)}
    assert (shares, model.dropout.p) == ({0.35}, 0.45)


def test_the_running_mean_is_steadier_than_the_steps(topics):
    net, train = build(topics)
    losses: dict[str, list[float]] = {"step": [], "mean": []}
    for climb in steps(net, noisy(train), recipe_of(topics, rate=5e-3, batch=8, averaging=0.9), 60):
        if climb.steps > 30:
            losses["step"].append(loss_on(net, train))
            with climb.weight_average.applied():
                losses["mean"].append(loss_on(net, train))
        net.model.train()
    assert np.std(np.diff(losses["mean"])) < 0.7 * np.std(np.diff(losses["step"]))


def test_the_running_mean_is_what_is_judged_and_kept(topics, monkeypatch):
    recipe = recipe_of(topics, averaging=0.9, epochs=1)
    net, train = build(topics)
    judged = []
    scored = type(net).predict
    monkeypatch.setattr(type(net), "predict", lambda self, rows: judged.append(state_of(self)) or scored(self, rows))
    run(net, train, recipe, train, keep_initial=False)
    again, _ = build(topics)
    climb = Descent(again, recipe, 6, recipe.rate)
    again.model.train()
    for batch in shuffled_batches([len(row) for row in train.rows], 16, torch.Generator().manual_seed(recipe.seed)):
        climb.step(train.select(batch))
    last = state_of(again)
    with climb.weight_average.applied():
        assert same(net.model.state_dict(), state_of(again))
        assert same(judged[-1], state_of(again))
    assert not same(net.model.state_dict(), last)


def test_a_young_mean_forgets_where_it_began():
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, 100.0)
    mean = WeightAverage(layer, 0.999)
    torch.nn.init.constant_(layer.weight, 0.0)
    for _ in range(30):
        mean.update()
    with mean.applied():
        assert layer.weight.item() < 0.1


def test_r_drop_makes_two_passes_agree(topics):
    apart = []
    for weight in (0.0, 5.0):
        net, train = build(topics, dropout=0.5, within=0.1)
        run(net, train, recipe_of(topics, r_drop=weight, epochs=6, rate=1e-3, head_rate=1e-3))
        torch.manual_seed(0)
        net.model.train()
        with torch.no_grad():
            passes = [disagreement(net.logits(train.rows), net.logits(train.rows)).mean() for _ in range(4)]
        apart.append(float(sum(passes)))
        assert loss_on(net, train) < 0.8
    assert apart[1] < apart[0] / 2


def test_balanced_weights_find_the_rare_label(topics):
    """A third of the rows of one text has the rare label: without balanced weights it is never the answer."""
    texts = (
        [("my bag is lost", "baggage")] * 60 + [("my bag is gone", "baggage")] * 12 + [("my bag is gone", "delay")] * 6
    )
    frame = pd.DataFrame(texts, columns=["text", "label"]).assign(weight=1.0)
    recall = []
    for balanced in (False, True):
        net, _ = build(topics)
        recipe = recipe_of(topics, balanced=balanced, epochs=15)
        _, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
        train = build_examples(frame, net, tokenizer, topics.model_copy(update={"recipe": recipe}))
        run(net, train, recipe)
        found = logits_of(net, train).argmax(1)
        recall.append((found == train.targets)[train.targets == 1].float().mean().item())
    assert recall == [0.0, 1.0]
