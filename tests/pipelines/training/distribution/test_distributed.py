"""Distributed training in two fresh processes on this machine's CPU."""

import multiprocessing
import os
import signal

import pandas as pd
import pytest
import torch

from pipelines.catalog.recipe import Adversary, Budget
from pipelines.kinds.classification.target import Labels
from pipelines.training.distribution import worker_processes
from pipelines.training.distribution.worker_job import WorkerJob
from pipelines.training.distribution.worker_processes import WorkerFailed, fine_tune_together, progress_writer
from pipelines.training.export.saving import load_weights, save
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.optimisation.cost import ZERO_COST, Cost, Meter, OverBudget
from tests.conftest import small_rows


@pytest.fixture
def frame():
    """Rows of different weights, all of which a retraining uses."""
    rows = pd.DataFrame(small_rows(100), columns=["text", "label"])
    count = range(len(rows))
    return rows.assign(
        validation=[at % 10 == 0 for at in count], origin="feedback", weight=[1.0 + at % 3 for at in count]
    )


@pytest.fixture
def spec(topics):
    """A recipe with every kind of pass and without dropout; its batches of 15 leave a remainder."""
    changed = {"continued_epochs": 2, "continued_rate": 1e-3, "rehearsal": 0.0, "batch": 15, "precision": "fp32"}
    still = {"dropout": 0.0, "encoder_dropout": 0.0}
    passes = {"accumulate": 2, "r_drop": 1.0, "averaging": 0.5, "adversary": Adversary(kind="pgd", steps=2)}
    return topics.model_copy(update={"recipe": topics.recipe.model_copy(update=changed | still | passes)})


@pytest.fixture
def champion(topics, tmp_path):
    """A start without a fitted head: its logistic regression would enlarge small differences."""
    torch.manual_seed(1)
    model, tokenizer = load_pretrained(topics.base_model, len(topics.target.names), 0.0)
    folder = tmp_path / "champion"
    folder.mkdir()
    save([model], tokenizer, folder)
    return folder


@pytest.fixture
def alone(frame, spec, champion, tmp_path):
    return fine_tune(frame, spec, tmp_path / "alone", champion, lambda *_: None)


def together(frame, spec, champion, folder, sharding, watch=lambda *_: None):
    return fine_tune_together(frame, spec, folder, champion, watch, 2, sharding)


def weights(folder):
    (model,), _ = load_weights(folder, 3, 0.0)
    return model.state_dict()


def assert_same(found, alone, start):
    """Same losses and weights as one process; Adam lets a constant of all keys drift, which changes no attention."""
    assert [loss for _, loss in found.curve.loss] == pytest.approx([loss for _, loss in alone.curve.loss], rel=1e-3)
    assert found.curve.score == alone.curve.score
    one, other, before = weights(found.weights), weights(alone.weights), weights(start)
    assert max(float((other[name] - before[name]).abs().max()) for name in before) > 3e-3
    for name in one:
        torch.testing.assert_close(one[name], other[name], atol=1e-3 if "key.bias" in name else 1e-5, rtol=0)


def test_two_fresh_processes_learn_what_one_does(frame, spec, champion, alone, tmp_path):
    seen = []
    found = together(frame, spec, champion, tmp_path / "ddp", "ddp", lambda *step: seen.append(step))
    assert_same(found, alone, champion)
    assert [step for step, _, _, score in seen if score is None] == list(range(1, 13))
    assert {one.name for one in (tmp_path / "ddp").iterdir()} == {"weights", "package", "curves.png"}


def test_two_processes_that_share_the_weights_learn_what_one_does(frame, spec, champion, alone, tmp_path):
    assert_same(together(frame, spec, champion, tmp_path / "fsdp", "fsdp"), alone, champion)


@pytest.mark.parametrize("sharding", ["ddp", "fsdp"])
def test_a_killed_process_ends_the_run_with_its_reason(frame, spec, champion, tmp_path, sharding):
    def kill(*_step):
        last = max(multiprocessing.active_children(), key=lambda one: one.pid)
        os.kill(last.pid, signal.SIGKILL)

    long = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"continued_epochs": 100})})
    with pytest.raises(WorkerFailed, match=r"process 2 of 2 ended: .*SIGKILL.*nothing was registered"):
        together(frame, long, champion, tmp_path / "shared", sharding, kill)
    assert not list((tmp_path / "shared").iterdir())
    assert not multiprocessing.active_children()


def test_an_error_within_a_process_is_told(frame, spec, champion, tmp_path):
    nowhere = spec.model_copy(update={"target": Labels(labels=("baggage", "delay"))})
    with pytest.raises(WorkerFailed, match=r"of 2 ended: .*(size mismatch|praise)"):
        together(frame, nowhere, champion, tmp_path / "shared", "ddp")


def test_processes_that_nobody_waits_for_end(spec, tmp_path):
    nobody = WorkerJob(spec, tmp_path, None, 2, "ddp", parent_pid=-1, parent_cost=ZERO_COST, created=0.0)
    with pytest.raises(SystemExit, match="the process that started this training has ended"):
        progress_writer(1, nobody)(1, 2, 0.5, None)


def test_each_process_gets_its_own_gpu_or_the_run_says_so(frame, spec, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match="NEEDLOOP_PROCESSES"):
        together(frame, spec, None, tmp_path, "ddp")


@pytest.fixture
def long_read(monkeypatch):
    """Before the processes start, pretraining in the parent takes a thousand seconds on five cores."""

    def adopted(_train, _messages, spec, _folder, _watch, meter):
        meter.started -= 1000
        meter.cpu -= 5000
        return spec, None

    monkeypatch.setattr(worker_processes, "with_pretrained_base", adopted)


def test_what_the_parent_spent_counts_once(frame, spec, tmp_path, long_read):
    found = together(frame, spec, None, tmp_path / "shared", "ddp").cost
    assert 1000 < found.seconds < 1900
    assert 5000 < found.cpu_seconds < 9000


def test_starting_the_processes_is_time_of_the_run(spec, tmp_path, monkeypatch):
    monkeypatch.setattr(worker_processes.time, "time", lambda: 109.0)
    order = WorkerJob(
        spec, tmp_path, None, 2, "ddp", parent_pid=1, parent_cost=Cost(5.0, 4.0, 0.0, 2**30, 0), created=100.0
    )
    assert order.cost_before() == Cost(14.0, 4.0, 0.0, 2**30, 0)


def test_the_budget_goes_on_where_the_parent_stopped(frame, spec, tmp_path, long_read):
    short = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"budget": Budget(seconds=1000)})})
    with pytest.raises(WorkerFailed, match=r"OverBudget: the run took 10\d\d\.\d of 1000 seconds"):
        together(frame, short, None, tmp_path / "shared", "ddp")


@pytest.mark.parametrize(
    ("budget", "found"),
    [(Budget(cpu_seconds=100), "110.0 of 100 cpu_seconds"), (Budget(memory_gib=5), "6.0 of 5 memory_gib")],
    ids=["time", "memory"],
)
def test_a_process_keeps_to_its_share_of_the_budget(budget, found):
    """This process uses 40 s and 3 GiB, the other as much, and the run had used 30 s and 1 GiB before."""
    clock = iter([7.0, 47.0])
    spent = Cost(30.0, 30.0, 0.0, 2**30, 0)
    meter = Meter(budget, spent, 2, cpu_seconds=lambda: next(clock), memory=lambda: 3 * 2**30)
    with pytest.raises(OverBudget, match=found):
        meter.check()
