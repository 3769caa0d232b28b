"""A folder of small data sets in the published formats, and recipes on the tiny encoder."""

import csv
import json
from dataclasses import replace

import pytest

from pipelines.bench.data import load_split
from pipelines.bench.part import Bench
from pipelines.bench.recipes import SEEDS, SETUPS
from pipelines.catalog.recipe import Recipe
from tests.conftest import small_rows


def table(file, head, rows):
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    rows, others = small_rows(240, seed=1), small_rows(60, seed=2)
    table(data / "banking77" / "train.csv", ["text", "category"], rows)
    table(data / "banking77" / "test.csv", ["text", "category"], others)
    table(data / "waimai" / "waimai_10k.csv", ["label", "review"], [(label, text) for text, label in rows])
    (data / "clinc150").mkdir()
    beyond = [[f"nothing of ours {number}", "oos"] for number in range(9)]
    names = {
        "train": rows,
        "val": rows[:30],
        "test": others,
        "oos_train": [],
        "oos_val": beyond,
        "oos_test": beyond[:5],
    }
    (data / "clinc150" / "data_full.json").write_text(json.dumps(names))
    (data / "sst2").mkdir()
    for name, part in (("train", rows), ("dev", rows[:30]), ("test", others)):
        lines = (f"{text}\t{int(label == 'praise')}\n" for text, label in part)
        (data / "sst2" / f"{name}.tsv").write_text("".join(lines))
    load_split.cache_clear()
    return data


@pytest.fixture
def messages():
    return []


@pytest.fixture
def bench(folder, tmp_path, messages):
    return Bench(folder, tmp_path / "work", messages.append)


@pytest.fixture
def small_setups(tiny_encoder, monkeypatch):
    """Every chosen recipe, but on the tiny encoder: seconds instead of hours."""
    recipe = Recipe(epochs=2, frozen_layers=1, batch=32, rate=2e-3, head_rate=1e-2)
    for name, one in SETUPS.items():
        epochs = recipe.epochs if one.recipe.epochs else 0
        own = recipe.model_copy(update={"epochs": epochs, "precision": one.recipe.precision})
        monkeypatch.setitem(
            SETUPS, name, replace(one, base=str(tiny_encoder), recipe=own, whole=False, seeds=SEEDS[:2])
        )
    return SETUPS
