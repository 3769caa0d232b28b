"""The share of held-out texts that are cut is measured, and a refusal names it with the remedy."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.recipe import Recipe
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.scorecard import build_scorecard
from pipelines.evaluation.truncated_texts import measure_truncation, truncation_measure
from pipelines.kinds.known import KINDS
from pipelines.promotion.decision import decide
from tests.pipelines.serving.conftest import write_package

SPEC = BUILT_IN[0]


def case(folder, texts, **metadata):
    frame = pd.DataFrame({"text": texts, "label": "positive", "key": texts})
    service = SimpleNamespace(packages={"challenger": write_package(folder / "package", **metadata)})
    return Case(SPEC, frame, frame, (), service, "")


@pytest.mark.parametrize("truncation", ["head", "head_tail"])
def test_the_share_of_texts_that_are_cut_is_measured_with_the_packages_tokens(tmp_path, truncation):
    texts = ["so good"] * 8 + ["so " * 32, "so " * 33]
    (measure,) = measure_truncation(case(tmp_path, texts, truncation=truncation))
    assert (measure.name, measure.value, measure.passes) == ("test.truncated", 0.1, True)
    assert measure.reason.startswith("10% of the held-out texts are longer than the 32 tokens that it reads: raise ")
    assert ("head_tail" in measure.reason) == (truncation == "head")


def test_no_text_is_cut_or_there_is_none(tmp_path):
    (measure,) = measure_truncation(case(tmp_path, ["so good"]))
    assert (measure.value, measure.reason) == (0.0, "")
    assert truncation_measure(0, 0, Recipe()).value == 0.0


def test_a_refusal_names_the_cut_texts_after_its_reasons():
    gate = SPEC.gate
    covered = tuple(field.alias or name for name, field in type(gate).model_fields.items())
    gain = Measure("lead.macro_f1", -0.035, limit=0, direction="at least", gate=covered, wording="under TF-IDF")
    decision = decide(build_scorecard(100, gate, [gain, truncation_measure(20, 100, Recipe())]), gate)
    assert decision.reasons == (
        "under TF-IDF",
        "20% of the held-out texts are longer than the 128 tokens that it reads: raise recipe.max_tokens (128 now, at "
        "most 512, and what the encoder reads), or read their end too with recipe.truncation = 'head_tail'",
    )
    few = decide(build_scorecard(100, gate, [gain, truncation_measure(4, 100, Recipe())]), gate)
    assert few.reasons == ("under TF-IDF",)


def test_the_cause_is_kept_with_a_stored_scorecard():
    measure = truncation_measure(20, 100, Recipe())
    assert Measure.of(measure.document()) == measure
    assert "explains" not in Measure("test.texts", 1.0).document()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_built_in_kind_measures_it(kind):
    assert measure_truncation in kind.measures
