"""A new check is one file with its measures and one line in the list: it can refuse, and it appears everywhere."""

import json

import pandas as pd
import pytest
from pydantic import BaseModel

from pipelines.card.card import card
from pipelines.card.card_page import page
from pipelines.card.lineage import Lineage
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.case import Case, score_case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.scorecard import Scorecard
from pipelines.promotion.decision import decide


class Toy(BaseModel):
    """A gate without labels, with one threshold: the share of short texts."""

    brevity: float = 0.5


def brevity(case):
    """A new check, complete."""
    short = [len(text) < 10 for text in case.test["text"]]
    yield Measure(
        "toy.brevity", sum(short) / len(short), limit=case.gate.brevity, direction="at least", gate=("brevity",)
    )
    yield Measure("toy.words", 2.5)
    yield Attachment("toy", {"short": short})


def unmeasurable(case):
    yield Measure("toy.brevity", None, limit=case.gate.brevity, direction="at least", gate=("brevity",))


@pytest.fixture
def case():
    """Texts and answers without labels: no code that loops over measures may read a label."""
    test = pd.DataFrame({"key": list("abcd"), "text": ["short", "a long text", "another long one", "a third long one"]})
    spec = ModelSpec.model_construct(name="toy", gate=Toy(), slices=())
    return Case(spec, test, test, (), service=None, cache="")


@pytest.fixture
def scorecard(case):
    return score_case(case, (brevity,))


def test_it_refuses_below_its_limit_and_says_so(case, scorecard):
    decision = decide(scorecard, case.gate)
    assert not decision.promote
    assert decision.reasons == ("toy.brevity 0.250 is under the floor 0.500",)


def test_it_lets_pass_what_reaches_its_limit(case):
    case.spec.gate.brevity = 0.2
    decision = decide(score_case(case, (brevity,)), case.gate)
    assert decision.promote
    assert decision.reasons == ("toy.brevity 0.250 reaches the floor 0.200",)


def test_what_cannot_be_measured_refuses(case):
    decision = decide(score_case(case, (unmeasurable,)), case.gate)
    assert decision.reasons == ("no evidence of toy.brevity; to evaluate again: needloop promote MODEL --version N",)


def test_a_threshold_that_nobody_measures_refuses(case):
    decision = decide(score_case(case, ()), case.gate)
    assert decision.reasons == ("no evidence of gate.brevity; to evaluate again: needloop promote MODEL --version N",)


def test_it_is_in_the_card_and_its_page(scorecard):
    told = card(Lineage(model="toy", version=1, champion=None, scorecard=scorecard))
    assert "| toy.brevity | 0.250 | at least 0.500 | no |" in told
    assert "| toy.words | 2.500 | – | – |" in told
    assert "<td>toy.brevity</td>" in page(told, {})
    assert "Calibration" not in told
    assert "Labels" not in told


def test_it_is_in_what_mlflow_keeps(scorecard):
    assert scorecard.figures() == {"toy.brevity": 0.25, "toy.words": 2.5, "test.uses": 0.0}


def test_it_is_in_the_document_that_is_kept_and_that_the_console_shows(scorecard):
    document = json.loads(json.dumps(scorecard.document()))
    assert document["toy"] == {"short": [True, False, False, False]}
    (shown,) = [measure for measure in document["measures"] if measure["name"] == "toy.brevity"]
    assert (shown["value"], shown["limit"], shown["held"]) == (0.25, 0.5, False)
    assert shown["reason"] == "toy.brevity 0.250 is under the floor 0.500"
    again = Scorecard.of(document)
    assert again.document() == document
    assert [measure.reason for measure in again.measures] == [measure.reason for measure in scorecard.measures]
