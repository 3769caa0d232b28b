"""A kind whose answers have no label passes the whole loop without a change outside its room."""

import json

import pytest

from expectations.docs import failed_expectations
from expectations.evidence import evidence
from expectations.labelled_text import labelled_text
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.evaluation.model_answers import Answers
from pipelines.evaluation.version_evaluation import evaluate_version
from pipelines.inference.artefact import load_reference_answers
from pipelines.inference.packaged import ModelPackage
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.kinds import known
from pipelines.promotion.decision import decide
from pipelines.serving.api.predict import PredictResponse as Answers200
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.training.fine_tuning import fine_tune
from pipelines.workspace.settings import Settings
from tests.conftest import small_rows
from tests.pipelines.kinds.stars import KIND, Stars, StarsGate, prediction_body

STARS = {"praise": "0.9", "delay": "0.3", "baggage": "0.1"}


@pytest.fixture(autouse=True)
def _there(monkeypatch):
    """Register the kind for this test alone."""
    monkeypatch.setattr(known, "KINDS", {**known.KINDS, "stars": KIND})


@pytest.fixture
def spec(tiny_encoder, tmp_path):
    """A model of the kind over a CSV, as a catalog would declare it."""
    rows = [f"{text},{STARS[label]}" for text, label in small_rows(200)]
    (tmp_path / "stars.csv").write_text("\n".join(["text,stars", *rows, "no number,many"]) + "\n")
    written = {
        "name": "happy",
        "kind": "stars",
        "source": Source(uri=str(tmp_path / "stars.csv"), label="stars"),
        "base": str(tiny_encoder),
        "recipe": Recipe(epochs=6, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-2),
        "gate": {"near": 0.5},
        "language_share": 0.0,
    }
    return ModelSpec.model_validate(written)


class Contest:
    """Asks the package, as the gate's service would."""

    def __init__(self, package):
        self.packages = {"challenger": package}
        self.packaged = ModelPackage.load(package)

    def ask(self, _who, texts):
        return Answers(Stars(), self.packaged.predict(texts))


def test_a_kind_without_labels_is_read_learnt_judged_and_kept(spec, tmp_path):
    settings = Settings(home=tmp_path / "home", _env_file=None)
    corpus = ingest(spec, settings.workspace)
    train, test = read(corpus.train), read(corpus.test)
    assert corpus.report.left_out["unknown label"] == 1
    assert failed_expectations(evidence(train, test, spec), labelled_text(spec, None)) == ()
    challenger = fine_tune(train, spec, tmp_path / "work", None, lambda *_: None)
    assert challenger.compression[1].scores["near"] > 0.6
    again = fine_tune(train, spec, tmp_path / "again", challenger.weights, lambda *_: None)
    packaged = ModelPackage.load(again.package)
    known_answers = load_reference_answers(again.package)
    assert all(one.label is None and set(one.payload) == {"stars"} for one in known_answers)
    contest = Contest(challenger.package)
    verdict = evaluate_version(spec, train, test, (), contest, str(tmp_path / "cache"))
    assert decide(verdict.card, spec.gate).promote, verdict.card.measures
    assert not decide(verdict.card, StarsGate(near=1.0)).promote
    (answer,) = packaged.predict(["thank you so much"])
    assert (answer.label, answer.score, answer.abstained) == (None, None, False)
    store = Store(f"sqlite:///{tmp_path / 'needloop.db'}")
    kept = Prediction("happy", 1, "k", "t", answer.label, answer.score, answer.payload, kind=answer.kind)
    store.record([kept])
    assert store.prediction(kept.id) == kept
    body = Answers200(model="happy", version=1, predictions=[prediction_body(kept, spec.target)])
    said = json.loads(body.model_dump_json(exclude_none=True))["predictions"]
    assert said == [{"id": kept.id, "stars": answer.payload["stars"]}]


def test_a_declaration_of_the_kind_is_written_and_read(spec):
    written = json.loads(spec.model_dump_json())
    assert (written["kind"], written["gate"]) == ("stars", {"near": 0.5})
    assert ModelSpec.model_validate(written) == spec
    assert isinstance(spec.target, Stars)
    assert spec.target.names == ()
