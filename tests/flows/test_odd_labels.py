"""A run on labels with odd characters and a text with an address: its records, its files and its cost."""

import os

import pandas as pd
import pytest
import torch
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.training import train
from pipelines.kinds.classification.target import Labels
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network, trainable_parameters
from tests.conftest import topics_model, write_topics
from tests.flows.declarations import declaration, write_catalog
from tests.flows.environments import inhabited

pytestmark = pytest.mark.timeout(300)

ODD = {"baggage": "refund & exchange?", "delay": "C++/#1", "praise": "\u8c22\u8c22"}
SECRET = "ada.lovelace@example.com"


@pytest.fixture(scope="module")
def odd(tmp_path_factory, tiny_encoder, prefect_url):
    """A home trained on odd labels and a text with an address, TensorBoard's files included; and the outcome."""
    folder = tmp_path_factory.mktemp("odd")
    spec = declaration(topics_model(_odd_topics(folder / "topics.csv"), tiny_encoder))
    odd_ones = {"recipe": spec.recipe.model_copy(update={"tensorboard": True})}
    with inhabited(folder / "home") as settings, temporary_settings({PREFECT_API_URL: prefect_url}):
        write_catalog(spec.model_copy(update={"target": Labels(labels=tuple(ODD.values())), **odd_ones}), settings)
        return settings, train("topics")


def _odd_topics(csv):
    head, first, *lines = write_topics(csv).read_text().splitlines()
    first = f"0,write to {SECRET} about my bag,{first.rsplit(',', 1)[1]}"
    rows = [f"{line.rsplit(',', 1)[0]},{ODD[line.rsplit(',', 1)[1]]}" for line in (first, *lines)]
    csv.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return csv


def test_labels_may_hold_any_character(odd):
    _, outcome = odd
    assert set(outcome.card.attachments["per_label"]) <= set(ODD.values())


def test_personal_data_of_the_source_reaches_no_byte_of_the_home(odd):
    settings, _ = odd
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    texts = [text for uri in settings.home.glob("snapshots/topics/*.parquet") for text in pd.read_parquet(uri)["text"]]
    assert "write to <EMAIL> about my bag" in texts
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_run_leaves_its_curves_its_cost_and_what_learnt(odd, tiny_encoder):
    settings, _ = odd
    registry = settings.workspace.registry
    version = registry.version("topics", 1)
    run = registry.client.get_run(version.run)
    losses = registry.client.get_metric_history(version.run, "train.loss")
    assert [one.step for one in losses] == sorted({one.step for one in losses})
    assert registry.client.get_metric_history(version.run, "validation.macro_f1")[-1].value > 0.5
    seconds = run.data.metrics["cost.seconds"]
    assert 0.2 < seconds < (run.info.end_time - run.info.start_time) / 1000 + 0.01
    assert 0.2 < run.data.metrics["cost.cpu_seconds"] < seconds * os.cpu_count() + 1
    assert run.data.metrics["cost.memory"] > 2**20
    model, _ = load_pretrained(str(tiny_encoder), len(ODD), 0.0)
    net = make_network(model, torch.device("cpu"), int(run.data.params["recipe.frozen_layers"]))
    assert int(run.data.params["learning_weights"]) == trainable_parameters(net)
    assert {"curves.png", "compression.json"} <= {one.path for one in registry.client.list_artifacts(version.run)}
    assert 0 < run.data.metrics["compression.int8.bytes"] < run.data.metrics["compression.fp32.bytes"]
    assert len(list((settings.home / "tensorboard" / "topics").glob("*/events.out.*"))) == 1
