import numpy as np
import pytest

from pipelines.bench.runs import runs
from pipelines.bench.unknown_texts import SCORES, Outputs, auroc


def outputs(logits, likeness):
    return Outputs(np.array(logits, float), np.array(likeness, float))


INSIDE = outputs([[9, 0], [0, 9], [8, 0]], [0.9, 0.95, 0.85])


@pytest.mark.parametrize("name", SCORES)
def test_what_is_sure_and_like_what_was_learnt_is_inside_by_every_score(name):
    assert auroc(INSIDE, outputs([[0.1, 0], [0, 0.2]], [0.2, 0.1]), INSIDE, name) == 1.0


def test_only_the_neighbour_tells_a_stranger_that_is_answered_as_surely():
    stranger = outputs([[8.5, 0]], [0.1])
    assert auroc(INSIDE, stranger, INSIDE, "energy") < 1
    assert auroc(INSIDE, stranger, INSIDE, "energy and nearest neighbour") == 1


def test_the_score_is_chosen_on_validation_texts(small_setups, bench, monkeypatch):
    chosen = []
    monkeypatch.setattr("pipelines.bench.unknown_texts.auroc", lambda *given: chosen.append(given[3]) or len(chosen))
    found, _ = runs("clinc150", small_setups["clinc150"], bench)
    assert chosen[: len(SCORES)] == list(SCORES)
    assert chosen[len(SCORES)] == list(SCORES)[-1]  # the highest label score
    assert (found[0].auroc, found[0].score) == (len(SCORES) + 1, list(SCORES)[-1])
