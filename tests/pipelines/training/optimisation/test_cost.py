import os

import numpy as np
import pandas as pd
import pytest

from pipelines.catalog.recipe import Budget
from pipelines.training.fine_tuning import fine_tune, train_networks
from pipelines.training.optimisation.cost import Meter, OverBudget, PeakMemory
from tests.conftest import small_rows
from tests.pipelines.training.small import build, recipe_of, run, silent

MARKED = pytest.mark.skipif(
    not os.access("/proc/self/clear_refs", os.W_OK), reason="no high-water mark of memory that a process may reset"
)


@pytest.mark.parametrize("limit", ["seconds", "cpu_seconds", "memory_gib"])
def test_a_run_over_its_budget_stops_with_a_clear_line(topics, tmp_path, limit):
    rows = pd.DataFrame(small_rows(60), columns=["text", "label"])
    frame = rows.assign(validation=np.arange(60) % 6 == 0, origin="source", weight=1.0)
    budget = Budget(**{limit: 1e-3})
    spec = topics.model_copy(update={"recipe": topics.recipe.model_copy(update={"budget": budget})})
    seen = []
    with pytest.raises(OverBudget, match=rf"took .* of 0\.001 {limit} its recipe's budget allows; raise the budget"):
        fine_tune(frame, spec, tmp_path, None, lambda *step: seen.append(step))
    assert seen == []
    assert not (tmp_path / "package").exists()


def test_a_budget_stops_a_recipe_that_never_descends(topics):
    frame = pd.DataFrame(small_rows(60), columns=["text", "label"]).assign(
        validation=np.arange(60) % 6 == 0, origin="source", weight=1.0
    )
    spec = topics.model_copy(update={"recipe": topics.recipe.model_copy(update={"epochs": 0})})
    clock = iter(range(0, 10_000, 60))
    meter = Meter(Budget(cpu_seconds=100), cpu_seconds=lambda: float(next(clock)))
    with pytest.raises(OverBudget, match="of 100 cpu_seconds"):
        train_networks(frame, spec, None, silent, meter)


@MARKED
def test_memory_that_came_and_went_between_two_checks_counts():
    meter = Meter()
    before = meter.cost().memory
    np.ones(256 << 20, dtype=np.uint8)
    assert meter.cost().memory > before + (200 << 20)
    assert Meter().cost().memory < before + (100 << 20)
    assert meter.cost().memory > before + (200 << 20)


@MARKED
def test_a_budget_counts_memory_that_came_and_went():
    meter = Meter(Budget(memory_gib=Meter().cost().memory / 2**30 + 0.15))
    meter.check()
    np.ones(256 << 20, dtype=np.uint8)
    with pytest.raises(OverBudget, match="memory_gib"):
        meter.check()


@pytest.mark.parametrize("refused", ["absent", "forbidden"])
def test_the_memory_of_a_run_is_its_own_where_no_kernel_marks_the_highest(tmp_path, refused):
    sizes = iter([8, 9, 12, 10, 3, 4, 3])
    if refused == "forbidden":
        (tmp_path / "proc" / "clear_refs").mkdir(parents=True)  # root may write any file, but no folder

    def meter():
        return Meter(memory=PeakMemory(tmp_path / "proc", lambda: next(sizes)).read)

    large = meter()
    large.check()
    large.check()
    assert large.cost().memory == 12
    small = meter()
    small.check()
    assert small.cost().memory == 4


def test_a_run_within_its_budget_ends_by_itself(topics):
    net, train = build(topics)
    meter = Meter(Budget(seconds=600, cpu_seconds=600, memory_gib=512))
    assert len(run(net, train, recipe_of(topics, epochs=1), meter=meter).loss) == 6
