"""The search on a tiny encoder: its trials, its result, the untouched test split, and its end."""

import hashlib
import time
from contextlib import contextmanager

import pandas as pd
import pytest

from pipelines.ingestion import snapshot
from pipelines.storage import blobs
from pipelines.training.adapters.places import AdapterNotSupported
from pipelines.training.optimisation.cost import OverBudget
from pipelines.tuning import example_cache
from pipelines.tuning.search import tune
from pipelines.tuning.space import make_space
from pipelines.tuning.study import open_study
from pipelines.tuning.trial import Result
from pipelines.tuning.trial_runner import NoValidationRows, TrialRunner
from pipelines.tuning.tuning_result import Plan
from tests.conftest import small_rows

RESULT = Result(0.8, (0.8,) * 400, 0.01, 30.0, 100, 192, {}, (), ((0, 0.8),))


class Killed(BaseException):
    """An exception that ends the whole process, from any point of a trial."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One database of trials for all tests: its creation takes a second."""
    return tmp_path_factory.mktemp("tuning")


@pytest.fixture
def train(tmp_path):
    keys = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(240)]
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    frame = rows.assign(key=keys, validation=[n % 5 == 0 for n in range(240)], origin="source", weight=1.0)
    return snapshot.write(frame, str(tmp_path / "snapshots"))


@pytest.fixture
def spec(topics):
    """A fast recipe; its name separates each test's study."""
    recipe = topics.recipe.model_copy(update={"epochs": 2})
    return topics.model_copy(update={"recipe": recipe})


@contextmanager
def unwatched(_title):
    yield lambda *_: None


def tuned(train, spec, folder, watched=unwatched, **plan):
    seen = []
    given = {"minutes": 5, "trials": 3, "bases": (spec.base_model,)} | plan
    return tune(train, spec, Plan(**given), folder / "tuning.db", watched, seen.append), seen


@contextmanager
def deadly(title):
    def watch(step, *_):
        if title == "trial 2" and step == 3:
            raise Killed

    yield watch


def test_a_killed_tuning_resumes_and_chooses_what_is_no_worse_than_declared(train, spec, folder, monkeypatch):
    read, load = [], blobs.load
    monkeypatch.setattr(blobs, "load", lambda uri: read.append(uri) or load(uri))
    with pytest.raises(Killed):
        tuned(train, spec, folder, watched=deadly)
    tuning, seen = tuned(train, spec, folder)
    assert set(read) == {train.uri}, "only the training snapshot is ever opened"
    first, second, lost, third, *repeats = tuning.trials
    assert [one.number for one in seen] == list(range(10)), "finished ones are told again, not run again"
    assert (first.recipe, first.first, tuning.declared) == (spec.recipe, 0, 0)
    assert first.result.rows == 192, "validation rows are not learnt from"
    assert second.backbone.pruned == second.recipe.pruning.layers == 1
    assert (lost.end, third.end, third.again) == ("killed", "finished", lost.number)
    assert (third.recipe, third.backbone) == (lost.recipe, lost.backbone) != (first.recipe, first.backbone)
    assert sorted((one.repeats, one.recipe.seed) for one in repeats) == [(n, s) for n in (0, 1, 3) for s in (8, 9)]
    scores = {n: [one.result.score for one in tuning.trials if n == one.repeats] for n in (0, 1, 3)}
    means = {number: sum(found) / 2 for number, found in scores.items()}
    assert tuning.choice.score == pytest.approx(means[tuning.choice.trial])
    assert tuning.choice.score >= means[0]
    assert "2 runs that the search did not see" in tuning.choice.reason
    again, _ = tuned(train, spec, folder)
    assert (again.trials, again.choice) == (tuning.trials, tuning.choice), "what was tried is not tried again"


def test_the_running_trial_ends_at_the_limit_and_the_declared_recipe_stays(train, spec, folder):
    spec = spec.model_copy(update={"name": "late"})

    @contextmanager
    def slow(_title):
        yield lambda *_: time.sleep(0.4)

    started = time.perf_counter()
    tuning, _ = tuned(train, spec, folder, watched=slow, minutes=1 / 60)
    assert time.perf_counter() - started < 40, "the whole plan would take 80 s"
    assert [one.end for one in tuning.trials] == ["over budget"]
    assert tuning.choice.trial is None
    assert tuning.chosen == spec
    assert tuned(train, spec, folder, trials=2)[0].choice.trial is not None, "time that left nothing is not counted"


def test_no_trial_starts_that_would_not_fit_in_what_earlier_ones_left(train, spec, folder, monkeypatch):
    spec, clock = spec.model_copy(update={"name": "tight"}), [0.0]

    def half_a_minute(*_):
        clock[0] += 30
        return RESULT

    monkeypatch.setattr(TrialRunner, "run", half_a_minute)
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    tuning, _ = tuned(train, spec, folder, minutes=2)
    assert [one.repeats for one in tuning.trials] == [None, None, 0]
    assert "(1 run)" in tuning.choice.reason
    assert len(tuned(train, spec, folder, minutes=2)[0].trials) == 3
    assert len(tuned(train, spec, folder, minutes=2.1)[0].trials) == 4


def test_a_hopeless_proposal_is_stopped_early_but_never_a_wanted_trial(train, spec, folder):
    space = make_space(spec, (spec.base_model,))
    wanted = (space.backbones[0], spec.recipe)

    def scoring(score):
        def work(_backbone, _recipe, listen):
            for epoch in (1, 2, 3):
                listen(epoch, 3, 0.5, score)
            return RESULT

        return work

    with open_study(folder / "tuning.db", "hopeless", space, spec.recipe, seed=0) as study:
        for _ in range(4):
            study.run(scoring(0.8))
        assert study.run(scoring(0.1)).end == "stopped early"
        assert study.run(scoring(0.9)).end == "finished"
        assert study.run(scoring(0.1), wanted, first=0).end == "finished"


@pytest.mark.parametrize("error", [AdapterNotSupported("no place for prefixes"), RuntimeError("CUDA out of memory")])
def test_what_a_backbone_cannot_take_is_told_and_ends_nothing(train, spec, folder, error):
    space = make_space(spec, (spec.base_model,))

    def work(*_):
        raise error

    with open_study(folder / "tuning.db", f"refused by {type(error)}", space, spec.recipe, seed=0) as study:
        trial = study.run(work, (space.backbones[0], spec.recipe), first=0)
        assert (trial.end, trial.note) == ("refused", f"{type(error).__name__}: {error}")
        assert study.run(lambda *_: RESULT).end == "finished"


def test_a_snapshot_without_validation_rows_is_refused(train, spec):
    frame = snapshot.read(train).assign(validation=False)
    with pytest.raises(NoValidationRows, match="add more messages"):
        TrialRunner(frame, spec, seed=0)


def test_every_seed_of_a_finalist_is_judged_by_rows_that_chose_nothing(train, spec):
    bench = TrialRunner(snapshot.read(train), spec, seed=0)
    held = [set(bench.fold(spec.recipe.seed + number).validation["key"]) for number in range(3)]
    assert held[0] == set(bench.train.loc[bench.train["validation"], "key"])
    assert min(map(len, held)) > 10
    assert not held[1] & held[2]
    for number in range(3):
        fold = bench.fold(spec.recipe.seed + number)
        assert set(fold.train.loc[fold.train["validation"], "key"]) == held[number]
        assert len(fold.train) == 240


def test_kept_states_change_no_score_and_are_charged_to_every_recipe(train, spec, monkeypatch):
    frame, backbone = snapshot.read(train), make_space(spec, (spec.base_model,)).backbones[0]
    asked, made = [], example_cache.build_examples
    monkeypatch.setattr(example_cache, "build_examples", lambda *given: asked.append(given) or made(*given))
    other = spec.recipe.model_copy(update={"batch": 64})
    warm = TrialRunner(frame, spec, seed=0)
    _, second = (warm.run(backbone, one, lambda *_: None, 60) for one in (spec.recipe, other))
    assert len(asked) == 2, "training and validation rows, once"
    alone = TrialRunner(frame, spec, seed=0).run(backbone, other, lambda *_: None, 60)
    assert (second.scores, second.draws) == (alone.scores, alone.draws)
    assert second.seconds > second.cost["cost.seconds"]
    warm.run(backbone, other.model_copy(update={"frozen_layers": 0}), lambda *_: None, 60)
    assert len(asked) == 6


def test_time_runs_out_while_states_are_made_too(train, spec):
    backbone = make_space(spec, (spec.base_model,)).backbones[0]
    with pytest.raises(OverBudget):
        TrialRunner(snapshot.read(train), spec, seed=0).run(backbone, spec.recipe, pytest.fail, 1e-3)
