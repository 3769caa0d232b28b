"""Several networks: their mean answer, and one network distilled from it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax

from pipelines.catalog.recipe import Ensemble
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.classification import objective
from pipelines.training import initialise
from pipelines.training.export.saving import load_weights, save
from pipelines.training.fine_tuning import fine_tune, train_networks
from pipelines.training.initialise import champion_models, new_models
from pipelines.training.network.batches import tokenise
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.ensemble import align_frozen_layers, combine_members, train_ensemble
from pipelines.training.optimisation.learning import TrainingData
from tests.conftest import small_rows
from tests.pipelines.training.small import CPU, NONE, build, logits_of, noisy, recipe_of, run, silent


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(100), columns=["text", "label"])
    return rows.assign(validation=np.arange(len(rows)) % 5 == 0, origin="source", weight=1.0)


def ensemble_of(spec, **wanted):
    return recipe_of(spec, ensemble=Ensemble(**{"members": 2, **wanted}), epochs=3)


def test_a_packaged_ensemble_answers_with_the_mean_of_its_members(topics, frame, tmp_path):
    spec = topics.model_copy(update={"recipe": ensemble_of(topics, answer="average")})
    frame["label"] = frame["label"].sample(frac=1, random_state=1).tolist()  # random labels: each seed learns others
    challenger = fine_tune(frame, spec, tmp_path, None, silent)
    members, tokenizer = load_weights(challenger.weights, 3, 0.0)
    assert len(members) == 2
    texts = frame["text"].tolist()[:40]
    nets = [make_network(member, CPU, 0) for member in members]
    rows = nets[0].prepare(tokenise(texts, tokenizer, 64))
    single = [torch.tensor(net.predict(rows)).softmax(1).numpy() for net in nets]
    packaged = softmax(ModelPackage.load(challenger.package).logits(texts), axis=1)
    mean = np.mean(single, axis=0)
    apart = [np.abs(packaged - answer).mean() for answer in (mean, *single)]
    assert apart[0] < 0.02
    assert apart[0] < min(apart[1:]) / 2


def test_an_ensemble_is_saved_and_restored_member_by_member(topics, frame, tmp_path):
    spec = topics.model_copy(update={"recipe": ensemble_of(topics, answer="average", members=3)})
    members, tokenizer = new_models(spec, frame)
    save(members, tokenizer, tmp_path)
    again, _ = champion_models(tmp_path, spec)
    inputs = tokenizer(["my bag is lost"], return_tensors="pt")
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    with torch.no_grad():
        answers = [combine_members([one.eval() for one in models], objective)(ids, mask) for models in (members, again)]
        alone = [member(ids, mask) for member in members]
    torch.testing.assert_close(*answers)
    torch.testing.assert_close(answers[0].exp(), torch.stack([one.softmax(1) for one in alone]).mean(0))
    assert not torch.equal(alone[0], alone[1])


def test_a_distilled_network_answers_as_the_ensemble_does(topics):
    apart = []
    for share in (0.95, 0.0):
        wanted = Ensemble(members=3, share=share)
        recipe = recipe_of(topics, ensemble=wanted, epochs=24, rate=1e-3, head_rate=1e-3, schedule="linear")
        nets = [build(topics)[0] for _ in range(3)]
        train = build(topics)[1]
        lesson = TrainingData(noisy(train), NONE)
        (pupil,), _ = train_ensemble(nets, lesson, recipe, silent, Meter(), lambda: build(topics)[0].model)
        teachers = objective.mean([logits_of(net, train) for net in nets])
        apart.append(objective.distance(logits_of(pupil, train), teachers, 1.0).mean().item())
        assert not torch.allclose(logits_of(pupil, train), logits_of(nets[0], train), atol=1e-3)
    assert apart[0] < apart[1] / 2


def test_a_distilled_ensemble_loads_its_base_once_for_each_that_learns(topics, frame, monkeypatch):
    loaded, real = [], initialise.load_pretrained
    monkeypatch.setattr(initialise, "load_pretrained", lambda *how: loaded.append(how) or real(*how))
    spec = topics.model_copy(update={"recipe": ensemble_of(topics, members=3).model_copy(update={"epochs": 1})})
    train_networks(frame, spec, None, silent, Meter())
    assert len(loaded) == 4


def test_a_pupil_believes_its_teacher_as_far_as_the_recipe_says(topics):
    """Labels and teacher contradict each other: the share decides between them."""
    believed = {}
    for share in (0.0, 1.0):
        net, train = build(topics)
        teacher = torch.nn.functional.one_hot((train.targets + 1) % 3, 3) * 4.0
        run(net, replace(train, teacher_logits=teacher), recipe_of(topics, ensemble=Ensemble(share=share), epochs=6))
        believed[share] = (logits_of(net, train).argmax(1) == teacher.argmax(1)).float().mean().item()
    assert believed[0.0] < 0.05
    assert believed[1.0] > 0.95


def test_members_keep_lower_layers_only_where_these_are_the_same(topics):
    nets = [build(topics, kept=1, seed=seed)[0] for seed in (0, 1)]
    assert [net.frozen_layers for net in align_frozen_layers(nets)] == [1, 1]
    with torch.no_grad():
        next(nets[1].model.encoder.encoder.layer[0].parameters()).add_(1)
    assert [net.frozen_layers for net in align_frozen_layers(nets)] == [0, 0]


def test_a_higher_temperature_makes_small_chances_count():
    taught, learnt = torch.tensor([[6.0, 2.0, 0.0]]), torch.tensor([[6.0, 0.0, 2.0]])
    cold, warm = (objective.distance(learnt, taught, temperature).item() for temperature in (1.0, 4.0))
    assert warm > 10 * cold
