import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import RATES
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.inference.packaged import ModelPackage
from pipelines.training.adapters.attaching import adapter_modules, attach_adapters, merge_adapters
from pipelines.training.export import saving
from pipelines.training.export.packaging import fp32_package
from pipelines.training.export.saving import SavedWeightsDiffer, load_weights, save
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network, trainable_parameters
from pipelines.training.optimisation.training_loop import training_loop
from tests.conftest import SUBJECTS
from tests.pipelines.training.adapting import CPU, ROWS, examples, recipe
from tests.pipelines.training.small import silent

MERGED = ("lora", "adalora", "ia3")
TEXTS = [text for text, _ in ROWS[:40]]


@dataclass(frozen=True)
class SavedAdapter:
    """One kind of adapter after some steps: in memory, saved, and packaged."""

    folder: Path
    start: np.ndarray
    unmerged: np.ndarray
    answers: np.ndarray
    exported: np.ndarray
    parameters: int
    learning: list[str]


def taken_through(kind, base, folder):
    torch.manual_seed(1)
    model, tokenizer = load_pretrained(str(base), len(SUBJECTS), 0.0)
    (model,) = attach_adapters([model], recipe(kind, frozen_layers=1))
    whole, net = make_network(model, CPU, 0), make_network(model, CPU, 1)
    ids = tokenise([text for text, _ in ROWS], tokenizer, 128)
    learning = [name for name, weight in model.named_parameters() if weight.requires_grad]
    start, parameters, rows = whole.predict(ids[:40]), trainable_parameters(net), net.prepare(ids)
    torch.nn.init.normal_(model.head.weight)
    with net.trainable_part():
        lesson, how = examples(rows, slice(120)), recipe(kind).model_copy(update={"epochs": 1, "rate": 0.3})
        training_loop(net, lesson, examples(rows, slice(0)), how, silent)
    unmerged = whole.predict(ids[:40])
    merge_adapters(model)
    save([model], tokenizer, folder / "weights")
    with fp32_package(model, tokenizer, declared(base, kind), folder / "package") as exported:
        exported_answers = ModelPackage.load(exported).logits(TEXTS)
    return SavedAdapter(folder, start, unmerged, whole.predict(ids[:40]), exported_answers, parameters, learning)


def declared(base, kind):
    return ModelSpec(
        name="topics",
        labels=tuple(SUBJECTS),
        source=Source(uri="unread.csv"),
        base_model=str(base),
        recipe=recipe(kind, frozen_layers=1, head_rate=1e-2),
        gate=Gate(min_macro_f1=0, min_accuracy=0, margin=0, min_gain_over_baseline=0),
    )


@pytest.fixture(scope="module")
def saved_adapters(tiny_encoder, tmp_path_factory):
    return {kind: taken_through(kind, tiny_encoder, tmp_path_factory.mktemp(kind)) for kind in RATES}


def test_a_fresh_process_reproduces_the_logits_of_every_kind(saved_adapters):
    script = """
import json, sys
from pathlib import Path
import torch
from pipelines.training.network.batches import tokenise
from pipelines.training.network.network import make_network
from pipelines.training.export.saving import load_weights
folders, texts = json.load(sys.stdin)
for folder in folders:
    (model,), tokenizer = load_weights(Path(folder), 3, 0.1)
    logits = make_network(model, torch.device("cpu"), 0).predict(tokenise(texts, tokenizer, 128))
    print(json.dumps(logits.tolist()))
"""
    folders = [str(one.folder / "weights") for one in saved_adapters.values()]
    said = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps([folders, TEXTS]), capture_output=True, text=True, check=True
    )
    for kind, line in zip(saved_adapters, said.stdout.splitlines(), strict=True):
        np.testing.assert_allclose(json.loads(line), saved_adapters[kind].answers, atol=1e-5, err_msg=kind)


@pytest.mark.parametrize("kind", RATES)
def test_merging_changes_the_shape_and_not_the_answers(saved_adapters, kind):
    one = saved_adapters[kind]
    assert np.abs(one.unmerged - one.start).max() > 0.5
    np.testing.assert_allclose(one.answers, one.unmerged, atol=1e-5)
    assert (one.folder / "weights" / "adapters.json").exists() is (kind not in MERGED)


@pytest.mark.parametrize("kind", RATES)
def test_what_is_packaged_has_the_adapter_in_it(saved_adapters, kind):
    """Before int8: these weights are so large that int8 sums overflow on a processor without VNNI."""
    np.testing.assert_allclose(saved_adapters[kind].exported, saved_adapters[kind].answers, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "adapter"), [("lora", 896), ("adalora", 1362), ("ia3", 128), ("prefix", 128), ("bottleneck", 324)]
)
def test_the_weights_that_learn_are_counted(saved_adapters, kind, adapter):
    """Counted by hand, for one layer of 32 dimensions, 64 within: 4 maps of 32 x 32, 1 up, 1 down; the head has 99."""
    assert saved_adapters[kind].parameters == adapter + 99


@pytest.mark.parametrize("kind", RATES)
def test_kept_layers_get_no_adapter(saved_adapters, kind):
    inside = [name for name in saved_adapters[kind].learning if not name.startswith("head.")]
    assert inside
    assert all(name.startswith("encoder.encoder.layer.1.") for name in inside)


@pytest.mark.parametrize("kind", ["lora", "prefix", "bottleneck"])
def test_a_second_cycle_begins_where_the_first_ended(saved_adapters, tiny_encoder, kind):
    models, tokenizer = load_weights(saved_adapters[kind].folder / "weights", 3, 0.0)
    before = len(adapter_modules(models[0].encoder))
    attach_adapters(models, recipe(kind, frozen_layers=1))
    found = make_network(models[0], CPU, 0).predict(tokenise(TEXTS, tokenizer, 128))
    np.testing.assert_allclose(found, saved_adapters[kind].answers, atol=1e-5)
    assert len(adapter_modules(models[0].encoder)) == before
    assert any(weight.requires_grad for weight in models[0].encoder.parameters())


def test_fine_tuning_counts_merges_and_saves_what_its_recipe_asks_for(tiny_encoder, tmp_path):
    rows = pd.DataFrame(ROWS, columns=["text", "label"])
    frame = rows.assign(validation=[number % 5 == 0 for number in range(len(rows))], origin="source", weight=1.0)
    brief = declared(tiny_encoder, "lora")
    brief = brief.model_copy(update={"recipe": brief.recipe.model_copy(update={"epochs": 1})})
    challenger = fine_tune(frame, brief, tmp_path, None, silent)
    (model,), _ = load_weights(challenger.weights, 3, 0.0)
    base, _ = load_pretrained(str(tiny_encoder), 3, 0.0)
    changed = {
        name for name, one in model.encoder.named_parameters() if not torch.equal(one, base.encoder.get_parameter(name))
    }
    assert challenger.parameters == 995
    assert all(name.startswith("encoder.layer.1.") and name.endswith(".weight") for name in changed)


def test_weights_that_would_answer_otherwise_are_not_kept(tiny_encoder, tmp_path, monkeypatch):
    model, tokenizer = load_pretrained(str(tiny_encoder), 3, 0.0)
    attach_adapters([model], recipe("bottleneck"))
    for one in adapter_modules(model.encoder).values():
        torch.nn.init.normal_(one.up.weight)
    save([model], tokenizer, tmp_path / "whole")
    monkeypatch.setattr(saving, "save_adapters", lambda *_: None)
    with pytest.raises(SavedWeightsDiffer, match="do not register"):
        save([model], tokenizer, tmp_path / "holed")
