"""The figures in `package.json`: temperature, threshold, and recorded answers of the network before its export."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from pipelines.evaluation.reliability import calibration_error
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.classification.evaluation.label_calibration import reliability_bins
from pipelines.kinds.classification.fitting import ANSWERED_SHARE
from pipelines.training.export.fitted_thresholds import calibrate
from pipelines.training.export.trained_answers import ROWS, record_answers
from pipelines.training.network.encoder import load_pretrained
from tests.conftest import small_rows
from tests.pipelines.serving.conftest import write_package


@pytest.fixture
def held():
    """Of the texts `bad`, seven of ten are negative: a network with a confidence of 92% is overconfident."""
    labels = ["negative"] * 7 + ["positive"] * 2 + ["neutral"]
    return pd.DataFrame({"text": ["bad", "bad [UNK]"] * 200, "label": labels * 40})


def test_confidence_is_brought_down_to_what_is_right_and_no_answer_changes(tmp_path, held):
    package = write_package(tmp_path / "package")
    before = ModelPackage.load(package)
    calibrate(package, held)
    after = ModelPackage.load(package)
    truth = np.array([after.target.names.index(label) for label in held["label"]])
    texts = held["text"].tolist()
    assert calibration_error(reliability_bins(before.calibrated(texts), truth)) > 0.15
    assert calibration_error(reliability_bins(after.calibrated(texts), truth)) < 0.05
    assert [one.label for one in before.predict(texts)] == [one.label for one in after.predict(texts)]
    assert np.allclose(
        softmax(before.logits(texts[:1]) / after.metadata["temperature"], axis=1), after.calibrated(texts[:1])
    )


def test_the_threshold_keeps_most_of_the_validation_texts(tmp_path, held):
    package = write_package(tmp_path / "package")
    mixed = pd.concat([held, held.head(15).assign(text="nothing known")], ignore_index=True).sample(400, random_state=0)
    calibrate(package, mixed)
    card = json.loads((package / "package.json").read_text())
    sure = ModelPackage.load(package).calibrated(mixed["text"].tolist()).max(1)
    assert (sure >= card["threshold"] - 1e-4).mean() >= ANSWERED_SHARE - 0.01


def test_without_rows_nothing_is_claimed(tmp_path, held):
    package = write_package(tmp_path / "package")
    said = (package / "package.json").read_text()
    calibrate(package, held.head(0))
    assert (package / "package.json").read_text() == said
    assert ModelPackage.load(package).reader.temperature == 1.0


def test_what_the_network_answered_lies_in_the_package(topics, tmp_path):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    rows = pd.DataFrame(small_rows(ROWS + 20), columns=["text", "label"])
    card = {"kind": topics.kind, "max_tokens": topics.recipe.max_tokens, **topics.target.card()}
    (tmp_path / "package.json").write_text(json.dumps(card))
    record_answers(model, tokenizer, rows, tmp_path)
    said = json.loads((tmp_path / "recorded.json").read_text())
    assert [one["text"] for one in said] == rows["text"].tolist()[:ROWS]
    assert {one["label"] for one in said} <= set(topics.target.names)
    again = json.loads((tmp_path / "recorded.json").read_text())
    for one in again[:5]:  # alone, without the padding of a batch
        inputs = tokenizer([one["text"]], return_tensors="pt")
        answer = model.eval()(inputs["input_ids"], inputs["attention_mask"]).argmax(1).item()
        assert topics.target.names[answer] == one["label"]
