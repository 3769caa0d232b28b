"""Several labels of one text: training, packaging and answers."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score
from torch import nn

from pipelines.evaluation.case import Case
from pipelines.evaluation.model_answers import Answers
from pipelines.inference.artefact import load_reference_answers
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel import fitting, objective
from pipelines.kinds.multilabel.evaluation.set_confidence import measure_scope
from pipelines.kinds.multilabel.reader import reader
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.training.fine_tuning import fine_tune
from tests.pipelines.kinds.multilabel import TARGET, frame, needs, spec_of

CARD = {"kind": "multilabel", **TARGET.card()}


@pytest.fixture(scope="module")
def challenger(tiny_encoder, tmp_path_factory):
    """A challenger trained on texts with several labels."""
    return fine_tune(frame(320), spec_of(tiny_encoder), tmp_path_factory.mktemp("needs"), None, lambda *_: None)


def test_a_package_answers_unseen_texts_with_their_labels(challenger):
    texts, cells = zip(*needs(100, seed=2), strict=True)
    answers = [answer.label for answer in ModelPackage.load(challenger.package).predict(texts)]
    scores = set_scores(TARGET.matrix(cells), TARGET.matrix(answers))
    assert scores["macro_f1"] > 0.85
    assert scores["accuracy"] > 0.7


def test_a_package_tells_its_thresholds_and_what_the_network_answered(challenger):
    card = json.loads((challenger.package / "package.json").read_text())
    assert len(card["thresholds"]) == len(TARGET.labels)
    assert all(0.1 <= threshold <= 0.9 for threshold in card["thresholds"])
    known = load_reference_answers(challenger.package)
    answers = [
        answer.comparison_key for answer in ModelPackage.load(challenger.package).predict([one.text for one in known])
    ]
    assert np.mean([answer == one.comparison_key for answer, one in zip(answers, known, strict=True)]) > 0.9
    assert {form.precision for form in challenger.compression} == {"fp32", "int8"}
    assert set(challenger.compression[0].scores) == {"macro_f1", "micro_f1", "accuracy"}


def test_learning_again_goes_on_from_the_champion(challenger, tiny_encoder, tmp_path):
    again = fine_tune(frame(320), spec_of(tiny_encoder), tmp_path, challenger.weights, lambda *_: None)
    texts, cells = zip(*needs(100, seed=2), strict=True)
    answers = [answer.label for answer in ModelPackage.load(again.package).predict(texts)]
    assert set_scores(TARGET.matrix(cells), TARGET.matrix(answers))["macro_f1"] > 0.85


@pytest.mark.parametrize("how", ["average", "distilled"])
def test_an_ensemble_of_several_labels_answers(tiny_encoder, tmp_path, how):
    spec = spec_of(tiny_encoder, ensemble={"members": 2, "answer": how}, r_drop=0.5, epochs=4)
    found = fine_tune(frame(200), spec, tmp_path, None, lambda *_: None)
    texts, cells = zip(*needs(100, seed=2), strict=True)
    answers = [answer.label for answer in ModelPackage.load(found.package).predict(texts)]
    assert set_scores(TARGET.matrix(cells), TARGET.matrix(answers))["macro_f1"] > 0.8


def test_the_loss_is_the_mean_over_labels_and_smoothing_moves_targets_to_a_half():
    logits, targets = torch.tensor([[2.0, -1.0]]), torch.tensor([[1.0, 0.0]])
    plain = nn.functional.binary_cross_entropy(logits.sigmoid(), targets)
    assert objective.losses(logits, targets, 0.0) == pytest.approx(plain.item())
    smooth = nn.functional.binary_cross_entropy(logits.sigmoid(), torch.tensor([[0.9, 0.1]]))
    assert objective.losses(logits, targets, 0.2) == pytest.approx(smooth.item())


def test_divergences_vanish_where_answers_agree_and_grow_where_they_do_not():
    one, other = torch.tensor([[2.0, -1.0]]), torch.tensor([[1.0, 1.0]])
    assert objective.distance(one, one, 2.0).item() == pytest.approx(0, abs=1e-6)
    assert objective.disagreement(one, one).item() == 0
    assert objective.distance(one, other, 2.0).item() > 0.01
    assert objective.disagreement(one, other).item() > 0.01


def test_the_mean_of_networks_is_the_mean_of_their_probabilities():
    one, other = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.0, 1.0]])
    assert torch.allclose(objective.mean([one, other]).sigmoid(), (one.sigmoid() + other.sigmoid()) / 2, atol=1e-6)


def test_a_head_starts_from_a_regression_for_each_label():
    draw = np.random.default_rng(0)
    has = draw.integers(0, 2, (200, 3)).astype(np.float32)
    has[:, 2] = 0  # no row has the third label
    embeddings = (draw.normal(size=(200, 8)) * 0.3 + has @ draw.normal(size=(3, 8))).astype(np.float32)
    head = nn.Linear(8, 3)
    objective.init_head(head, embeddings, torch.tensor(has), np.ones(200))
    answered = head(torch.tensor(embeddings)).detach().numpy() > 0
    assert (answered == has).mean() > 0.95
    assert not answered[:, 2].any()


def test_answers_have_labels_over_their_thresholds_and_abstain_where_one_is_unsure():
    judge = reader(CARD | {"thresholds": [0.5, 0.3, 0.5], "threshold": 0.6})
    sure = judge.answer(np.array([0.9, 0.7, 0.1], np.float32))
    assert (sure.label, sure.abstained) == ("baggage;delay", False)
    assert sure.score == pytest.approx(0.7)
    unsure = judge.answer(np.array([0.9, 0.35, 0.1], np.float32))
    assert (unsure.label, unsure.abstained) == ("baggage;delay", True)
    assert judge.answer(np.array([0.1, 0.1, 0.1], np.float32)).label == ";"


def test_extreme_outputs_give_probabilities():
    chances = reader(CARD).calibrate(np.array([[1e4, -1e4, 0.0]], np.float32))
    assert np.isfinite(chances).all()
    assert chances[0].tolist() == pytest.approx([1, 0, 0.5])


def test_a_threshold_moves_only_where_rows_show_that_it_is_better():
    draw = np.random.default_rng(1)
    truth = draw.random(2000) < 0.3
    shifted = np.clip(np.where(truth, 0.35, 0.1) + draw.normal(0, 0.05, 2000), 0.01, 0.99)
    plain = np.clip(np.where(truth, 0.8, 0.2) + draw.normal(0, 0.05, 2000), 0.01, 0.99)
    assert fitting.fit_threshold(shifted, truth) < 0.35
    assert fitting.fit_threshold(plain, truth) == 0.5
    few = np.array([0.45, 0.2, 0.6, 0.1]), np.array([True, False, True, False])
    assert fitting.fit_threshold(*few) == pytest.approx(0.5, abs=0.11)


def test_on_a_hundred_rows_the_best_threshold_by_chance_does_not_move_it():
    draw = np.random.default_rng(2)
    truth = draw.random(100) < 0.5
    chances = np.clip(np.where(truth, 0.62, 0.38) + draw.normal(0, 0.2, 100), 0, 1)
    best = max(fitting.STEPS, key=lambda step: f1_score(truth, chances >= step))
    assert best == pytest.approx(0.35)
    assert fitting.fit_threshold(chances, truth) == 0.5


def test_scores_count_whole_sets_and_single_labels():
    truth = TARGET.matrix(["baggage;delay", "delay", ";"])
    answered = TARGET.matrix(["baggage", "delay", ";"])
    scores = set_scores(truth, answered)
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert scores["micro_f1"] == pytest.approx(2 * 2 / (2 * 2 + 1))
    assert scores["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("abstained", [False, True])
def test_who_abstains_from_every_text_is_told_as_unsure_of_the_labels(tiny_encoder, tmp_path, abstained):
    (tmp_path / "package.json").write_text(json.dumps({"threshold": 0.5}))
    answer = Answer("multilabel", dict.fromkeys(TARGET.labels, 0.9), "delay", 0.9, abstained)
    contest = SimpleNamespace(
        packages={"challenger": tmp_path}, ask=lambda _who, texts: Answers(TARGET, [answer for _ in texts])
    )
    spec = spec_of(tiny_encoder)
    spec = spec.model_copy(update={"gate": spec.gate.model_copy(update={"min_oos_recall": 0.3})})
    found = {one.name: one for one in measure_scope(Case(spec, frame(), frame(), (), contest, ""))}
    assert found["scope.recall"].value == found["scope.unsure"].value == float(abstained)
    assert bool(found["scope.unsure"].wording) is abstained
