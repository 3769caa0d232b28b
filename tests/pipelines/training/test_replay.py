import pandas as pd
import pytest

from pipelines.training.export.saving import load_weights
from pipelines.training.fine_tuning import fine_tune, train_networks
from pipelines.training.optimisation.cost import Meter
from pipelines.training.replay import with_replay
from tests.conftest import small_rows, topics_model
from tests.pipelines.training.small import silent


def texts():
    rows = pd.DataFrame(small_rows(160), columns=["text", "label"])
    return rows.assign(validation=[number % 10 == 0 for number in range(len(rows))], origin="source", weight=1.0)


@pytest.fixture
def frame():
    return texts()


@pytest.fixture(scope="module")
def first(tiny_encoder, tmp_path_factory):
    """The challenger of a first cycle, from which the second continues."""
    folder = tmp_path_factory.mktemp("first")
    return fine_tune(texts(), topics_model(folder / "unread.csv", tiny_encoder), folder, None, silent)


def test_a_second_cycle_starts_from_the_champion(frame, topics, first, tmp_path):
    feedback = frame.head(40).assign(origin="feedback", validation=False)
    second = fine_tune(pd.concat([frame, feedback]), topics, tmp_path / "second", first.weights, silent)
    assert second.curve.score[0][1] == pytest.approx(first.curve.score[-1][1], abs=0.1)
    assert second.curve.score[0][1] > 0.8
    assert second.rows == 60


def test_what_is_learnt_again_is_all_feedback_and_some_of_the_source(frame, topics):
    feedback = frame.head(30).assign(origin="feedback")
    lesson = with_replay(pd.concat([frame, feedback]), topics)
    assert lesson["origin"].value_counts().to_dict() == {"feedback": 30, "source": 16}


@pytest.mark.parametrize(("rehearsal", "source"), [(0.0, 16), (1.0, 30), (2.0, 60)])
def test_so_much_is_rehearsed_as_the_recipe_says_and_other_rows_in_the_next_cycle(frame, topics, rehearsal, source):
    spec = topics.model_copy(update={"recipe": topics.recipe.model_copy(update={"rehearsal": rehearsal})})
    told = [with_replay(pd.concat([frame, frame.head(rows).assign(origin="feedback")]), spec) for rows in (30, 31)]
    drawn = [set(one.loc[one["origin"] == "source", "text"]) for one in told]
    assert len(drawn[0]) == source
    assert len(drawn[0] & drawn[1]) < source / 2


def test_a_champion_moves_as_far_and_as_long_as_the_recipe_says(frame, topics, first):
    start = load_weights(first.weights, 3, 0.0)[0][0].state_dict()
    told = pd.concat([frame, frame[~frame["validation"]].head(30).assign(origin="feedback")])
    moved, lasted = [], []
    for rate, epochs in ((1e-4, 1), (1e-2, 1), (1e-4, 4)):
        recipe = topics.recipe.model_copy(
            update={"continued_rate": rate, "continued_epochs": epochs, "frozen_layers": 0}
        )
        spec, seen = topics.model_copy(update={"recipe": recipe}), []
        second = train_networks(told, spec, first.weights, lambda *step, seen=seen: seen.append(step), Meter())
        after = second.nets[0].model.state_dict()
        moved.append(sum((after[name] - start[name]).norm().item() for name in start))
        lasted.append(seen[-1][1])
    assert moved[1] > 5 * moved[0] > 0
    assert lasted[2] == 4 * lasted[0]
