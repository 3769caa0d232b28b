"""The measures of every kind need no labels: here the answers are numbers, and are only compared."""

import json
import zlib

import pytest

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.evaluation.behaviour.cases import AnsweredTexts
from pipelines.evaluation.behaviour.shared_capabilities import invariance_capabilities
from pipelines.evaluation.fairness import compute_fairness
from pipelines.evaluation.harm import harmful_words
from pipelines.evaluation.model_answers import Answers
from pipelines.evaluation.package_parity import compare_answers
from pipelines.inference.artefact import REFERENCE_FILE
from pipelines.kinds import known
from pipelines.kinds.kind import Answer
from tests.pipelines.kinds.stars import KIND, Stars

TEXTS = [f"the flight {number} was fine and the crew was kind" for number in range(30)]


@pytest.fixture
def spec(monkeypatch):
    """A model of a kind that only this test registers."""
    monkeypatch.setattr(known, "KINDS", {**known.KINDS, "stars": KIND})
    source = Source(uri="messages.csv", label="stars")
    return ModelSpec.model_validate({"name": "happy", "kind": "stars", "source": source, "gate": {"near": 0.5}})


def constant(texts):
    return Answers(Stars(), [Answer("stars", {"stars": 0.5})] * len(texts))


def fickle(texts):
    """A model whose answer is a hash of the text."""
    return Answers(Stars(), [Answer("stars", {"stars": zlib.crc32(text.encode())}) for text in texts])


@pytest.mark.parametrize(("ask", "share"), [(constant, 0.0), (fickle, 1.0)], ids=["constant", "fickle"])
def test_changes_that_do_not_matter_and_names_are_counted_by_what_was_answered(spec, ask, share):
    shown = list(invariance_capabilities(spec, AnsweredTexts(TEXTS, ask(TEXTS)), ask))
    assert {one.name for one in shown} >= {"typos", "case", "emoji", "names"}
    assert [one.rate for one in shown] == [share] * len(shown)
    assert {group.rate for group in compute_fairness(spec, TEXTS, ask).groups} == {share}


@pytest.mark.parametrize(("ask", "differ"), [(constant, 0), (fickle, len(TEXTS))], ids=["constant", "fickle"])
def test_a_package_agrees_by_its_payloads(tmp_path, ask, differ):
    said = [{"text": text, "payload": {"stars": 0.5}} for text in TEXTS]
    (tmp_path / REFERENCE_FILE).write_text(json.dumps(said))
    found = compare_answers(tmp_path, ask)
    assert (found.texts, found.differ) == (len(TEXTS), differ)


def test_an_answer_without_a_score_is_sure_and_no_name_can_be_harmful(spec):
    assert constant(TEXTS).confidences.tolist() == [1.0] * len(TEXTS)
    assert constant([]).cells == []
    assert [harmful_words(name) for name in spec.target.names] == []
