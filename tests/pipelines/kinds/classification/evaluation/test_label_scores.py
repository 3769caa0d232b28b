"""The answers that a version must give before its scores are computed."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.classification.evaluation.label_scores import premise_errors, score_table

SPEC = ModelSpec(
    name="mood",
    target={"kind": "classification", "labels": ("bad", "good")},
    source={"uri": "a.csv"},
    gate=Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.1, min_gain_over_baseline=0),
)
ROWS = pd.DataFrame(
    {
        "text": ["so bad", "so good", "bad, bad", "good, good"] * 5,
        "label": ["bad", "good"] * 10,
        "customer": None,
        "key": [str(n) for n in range(20)],
    }
).assign(origin="source", weight=1.0, validation=False)


@pytest.mark.parametrize(
    ("kind", "sound"), [("classification", True), (None, True), ("multilabel", False)], ids=["one", "before", "several"]
)
def test_a_version_of_another_kind_answers_no_label_of_this_one(tmp_path, kind, sound):
    card = {"labels": ["bad", "good"], **({"kind": kind} if kind else {})}
    (tmp_path / "package.json").write_text(json.dumps(card))
    case = SimpleNamespace(
        spec=SPEC,
        test=ROWS,
        train=ROWS,
        cache=str(tmp_path / "cache"),
        answers={"challenger": SimpleNamespace(cells=ROWS["label"].tolist())},
        service=SimpleNamespace(packages={"challenger": tmp_path}),
    )
    assert any("needloop train" in hole for hole in premise_errors(score_table(case))) is not sound
