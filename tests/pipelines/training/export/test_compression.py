import shutil
from dataclasses import dataclass, replace

import pandas as pd
import pytest
import torch

from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import Pruning, Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.evaluation.isolated_service import IsolatedService, isolated_service
from pipelines.evaluation.version_evaluation import evaluate_version
from pipelines.inference.artefact import REFERENCE_FILE, package_digest
from pipelines.kinds.classification import objective
from pipelines.promotion.decision import decide
from pipelines.training.export.compression import TEXTS, compress, describe_pruning
from pipelines.training.export.saving import load_weights
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.optimisation.ensemble import EnsembleMean
from pipelines.training.pruning.drop_layers import drop_layers
from pipelines.training.pruning.prune_heads import prune_heads
from tests.conftest import SUBJECTS, small_rows


def frame_of(seed, rows=240):
    frame = pd.DataFrame(small_rows(rows, seed), columns=["text", "label"])
    return frame.assign(validation=[number % 4 == 0 for number in range(rows)], origin="source", weight=1.0)


@pytest.fixture(scope="module")
def spec(tiny_encoder):
    return ModelSpec(
        name="topics",
        labels=tuple(SUBJECTS),
        source=Source(uri="nowhere.csv"),
        base_model=str(tiny_encoder),
        recipe=Recipe(epochs=3, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-2),
        gate=Gate(
            min_macro_f1=0.8,
            min_accuracy=0.8,
            margin=0.02,
            min_gain_over_baseline=-1.0,
            max_failure_rate=1,
            max_identity_flips=1,
            min_four_fifths_ratio=0,
            max_calibration_error=1,
        ),
    )


@pytest.fixture(scope="module")
def challenger(spec, tmp_path_factory):
    return fine_tune(frame_of(1), spec, tmp_path_factory.mktemp("challenger"), None, lambda *_: None)


@pytest.fixture
def trained(challenger, spec):
    (model,), tokenizer = load_weights(challenger.weights, len(spec.target.names), 0.0)
    return model, tokenizer


@torch.no_grad()
def one_loud_weight(model):
    """Give an unused word enormous weights: fp32 is not affected, but in int8 all words share its scale."""
    model.encoder.embeddings.word_embeddings.weight[1] = 1e4


@torch.no_grad()
def no_weights(model):
    for weight in model.encoder.parameters():
        weight.zero_()


def too_little_left(model):
    drop_layers(model.encoder, 1)
    prune_heads(model.encoder, [[0]])


@dataclass(frozen=True)
class SingleChallenger:
    """One challenger of an isolated service with several."""

    service: IsolatedService
    who: str

    @property
    def packages(self):
        return {"challenger": self.service.packages[self.who]}

    def ask(self, _challenger, texts):
        return self.service.ask(self.who, texts)

    def seconds(self, texts):
        alone = replace(self.service, packages={self.who: self.service.packages[self.who]})
        return {"challenger": alone.seconds(texts)[self.who]}


@pytest.fixture(scope="module")
def ruined(challenger, spec, tmp_path_factory):
    """By the name of the damage: the damaged package, and its compression results."""
    folder, found = tmp_path_factory.mktemp("ruined"), {}
    for ruin in (one_loud_weight, no_weights):
        (model,), tokenizer = load_weights(challenger.weights, len(spec.target.names), 0.0)
        ruin(model)
        package = folder / ruin.__name__
        found[ruin.__name__] = package, compress(model, tokenizer, spec, package, frame_of(3, 60))
        shutil.copy(challenger.package / REFERENCE_FILE, package)
    return found


@pytest.fixture(scope="module")
def decisions(challenger, ruined, spec, tmp_path_factory):
    """Decisions by the loop's own steps: an isolated service answers, everything is measured, the gate decides."""
    test, train = (frame_of(seed, rows).assign(key=lambda rows: rows["text"]) for seed, rows in ((5, 120), (1, 240)))
    home = tmp_path_factory.mktemp("home")
    packages = {"sound": challenger.package} | {name: package for name, (package, _) in ruined.items()}
    artefacts = {who: (str(package), package_digest(package)) for who, package in packages.items()}
    with isolated_service(artefacts, home, home / "trial") as contest:
        cards = {
            who: evaluate_version(spec, train, test, [], SingleChallenger(contest, who), str(home / who)).card
            for who in artefacts
        }
    return {who: decide(card, spec.gate) for who, card in cards.items()}


def test_a_challenger_says_what_int8_saved_and_what_it_cost(challenger):
    whole, small = challenger.compression
    assert (whole.precision, small.precision) == ("fp32", "int8")
    assert small.bytes < 0.75 * whole.bytes  # in so small a network the graph is a large part
    assert small.bytes == (challenger.package / "model.onnx").stat().st_size
    assert whole.flipped == 0
    assert small.flipped < 0.1
    assert min(*whole.scores.values(), *small.scores.values()) > 0.9
    assert 0 < small.ms < 1000
    assert [path.name for path in challenger.folder.iterdir() if path.name.startswith("package")] == ["package"]


def test_the_gate_promotes_the_sound_package(decisions):
    assert decisions["sound"].promote


def test_int8_is_seen_to_suffer_from_one_loud_weight(ruined):
    whole, small = ruined["one_loud_weight"][1]
    assert whole.scores["accuracy"] > 0.9
    assert small.flipped > 0.3


@pytest.mark.parametrize("ruin", ["one_loud_weight", "no_weights"])
def test_the_gate_refuses_what_was_ruined_on_its_own_evidence(ruin, decisions):
    refused = decisions[ruin]
    assert not refused.promote
    assert "is under the floor 0.800" in refused.reason
    assert "the service differs from the trained network in" in refused.reason


def test_the_table_names_what_was_left_out(trained, spec, tmp_path):
    model, tokenizer = trained
    assert describe_pruning(model) == ""
    too_little_left(model)
    whole, small = compress(EnsembleMean([model], objective), tokenizer, spec, tmp_path / "package", frame_of(3, 20))
    assert whole.row()["network"] == "fp32, 1 layers fewer, 1 heads a layer fewer"
    assert small.row()["bytes"] == small.bytes
    assert small.figures()["compression.int8.bytes"] == small.bytes


def test_answers_are_counted_as_they_are(spec, tmp_path):
    """A head that always answers the second label is right on exactly the rows that have it, and never flips."""
    model, tokenizer = load_pretrained(spec.base_model, 3, 0.0)
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.copy_(torch.tensor([0.0, 5.0, 0.0]))
    held = frame_of(3, 40)
    share = (held["label"] == spec.target.names[1]).mean()
    for form in compress(model, tokenizer, spec, tmp_path / "package", held):
        assert form.scores == pytest.approx({"accuracy": share, "macro_f1": 2 * share / (1 + share) / 3})
        assert form.flipped == 0


def test_without_validation_texts_there_is_a_package_and_no_table(trained, spec, tmp_path):
    assert compress(*trained, spec, tmp_path / "package", frame_of(3, 20).head(0)) == ()
    assert (tmp_path / "package" / "model.onnx").exists()


def test_a_training_races_no_more_texts_than_tell_enough(spec, tmp_path, monkeypatch):
    raced = []
    monkeypatch.setattr(
        "pipelines.training.export.compression.compare_packages", lambda _, held, __: raced.append(len(held)) or ()
    )
    brief = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"epochs": 0, "pruning": Pruning()})})
    rows = frame_of(4, 300).assign(validation=[number % 5 > 0 for number in range(300)])
    fine_tune(rows, brief, tmp_path, None, lambda *_: None)
    assert raced == [TEXTS]
