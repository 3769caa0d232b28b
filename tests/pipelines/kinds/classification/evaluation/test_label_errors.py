import numpy as np
import pytest

from pipelines.kinds.classification.evaluation.label_errors import out_of_sample, suspected_errors
from pipelines.kinds.labelled.label_probabilities import LabelProbabilities
from tests.pipelines.evaluation.voting import frame

COLUMNS = ("a", "b", "c")


def answers(scores, columns=COLUMNS):
    scores = np.array(scores, dtype=float).reshape(-1, len(columns))
    return LabelProbabilities(scores, columns)


@pytest.fixture
def planted():
    """Honest probabilities of 2,000 rows whose labels were drawn by them, then a tenth of the labels changed."""
    draw = np.random.default_rng(0)
    scores = draw.dirichlet((0.02, 0.02, 0.02), 2000)
    truth = np.array([draw.choice(3, p=row) for row in scores])
    wrong = draw.choice(2000, 200, replace=False)
    given = truth.copy()
    given[wrong] = (truth[wrong] + draw.integers(1, 3, 200)) % 3
    return [COLUMNS[place] for place in given], answers(scores), set(wrong.tolist())


def test_planted_errors_are_found_the_surest_first(planted):
    labels, said, wrong = planted
    found = suspected_errors(labels, said)
    hits = len(wrong.intersection(found))
    assert hits / len(wrong) > 0.9
    assert hits / len(found) > 0.9
    assert wrong.issuperset(found[:150])


def test_a_row_is_suspected_where_another_label_reaches_its_own_average():
    """`a` is given with 0.9, 0.7 and 0.2: its threshold is 0.6; `b` with 0.8 and 0.4: 0.6."""
    scores = [[0.9, 0.1, 0], [0.7, 0.3, 0], [0.2, 0.8, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]]
    assert suspected_errors(["a", "a", "a", "b", "b"], answers(scores)) == [2, 4]
    almost = [*scores[:4], [0.59, 0.41, 0]]
    assert suspected_errors(["a", "a", "a", "b", "b"], answers(almost)) == [2]


def test_a_label_that_is_never_given_draws_no_suspicion():
    assert suspected_errors(["a", "a", "b"], answers([[0.6, 0, 0.4], [0, 0, 1], [0, 1, 0]])) == []


def test_a_label_the_model_does_not_know_is_no_suspect_and_moves_no_place():
    labels = ["new", "a", "a", "b", "new"]
    assert suspected_errors(labels, answers([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]])) == [2]
    assert suspected_errors(["new"], answers([[1, 0, 0]])) == []


def test_without_rows_there_are_no_suspects():
    assert suspected_errors([], answers([])) == []
    assert suspected_errors([], out_of_sample([], [])) == []


def test_errors_in_texts_are_found_by_what_the_other_folds_say():
    rows = frame()
    labels = rows["label"].tolist()
    wrong = set(range(3, len(rows), 12))
    for place in wrong:
        labels[place] = "praise" if labels[place] != "praise" else "delay"
    said = out_of_sample(rows["text"].tolist(), labels)
    assert said.scores.shape == (len(rows), 3)
    assert np.allclose(said.scores.sum(1), 1)
    found = suspected_errors(labels, said)
    assert wrong.issuperset(found[:5])
    assert len(wrong.intersection(found)) > 0.8 * len(wrong)


def test_no_row_is_answered_by_a_model_that_learnt_it():
    """The texts share no word: only a model trained on a text could know its label."""
    texts = [f"word{number} other{number}" for number in range(40)]
    labels = ["a", "b"] * 20
    said = out_of_sample(texts, labels)
    assert np.abs(said.scores - 0.5).max() < 0.05


def test_a_label_of_too_few_rows_to_be_told_is_above_suspicion():
    rows = frame()
    texts, labels = [*rows["text"], "odd one", "odd two"], [*rows["label"], "odd", "odd"]
    said = out_of_sample(texts, labels)
    assert said.likeliest[-2:] == ["odd", "odd"]
    assert said.of("odd").tolist() == [0.0] * len(rows) + [1.0, 1.0]
    assert not {len(rows), len(rows) + 1}.intersection(suspected_errors(labels, said))


def test_where_at_most_one_label_can_be_told_nothing_is_suspected():
    texts, labels = [f"text {number}" for number in range(9)], ["a"] * 6 + ["b"] * 3
    said = out_of_sample(texts, labels)
    assert said.likeliest == labels
    assert suspected_errors(labels, said) == []
