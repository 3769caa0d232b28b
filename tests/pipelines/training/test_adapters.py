import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
)

from pipelines.catalog import Gate, ModelSpec, Source
from pipelines.inference.packaged import Packaged
from pipelines.recipe import RATES, Adapter, Recipe
from pipelines.training import saving
from pipelines.training.adapters.attaching import adapted, merged
from pipelines.training.adapters.places import NoPlace
from pipelines.training.adapters.storing import grown
from pipelines.training.batches import encoded
from pipelines.training.encoder import Classifier, pretrained
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.loop import descend
from pipelines.training.network import learning_weights, network
from pipelines.training.objective import Examples
from pipelines.training.packaging import package
from pipelines.training.saving import Unfaithful, restored, save
from tests.conftest import SUBJECTS, small_rows

CPU = torch.device("cpu")
MERGED = ("lora", "adalora", "ia3")
ROWS = small_rows(180)
TEXTS = [text for text, _ in ROWS[:40]]


def silent(*_args):
    pass


def recipe(kind, **other):
    return Recipe(adapter=Adapter(kind=kind, size=2), **{"epochs": 2, "batch": 8, **other})


def examples(rows, part):
    labels = torch.tensor([list(SUBJECTS).index(label) for _, label in ROWS[part]])
    return Examples(rows[part], labels, torch.ones(len(labels)))


def still_headed(base):
    """A classifier whose head knows nothing and stands still: what is learnt is the adapter's."""
    torch.manual_seed(3)
    model, tokenizer = pretrained(str(base), len(SUBJECTS), 0.0)
    torch.nn.init.normal_(model.head.weight, std=0.3)
    model.head.requires_grad_(False)
    return model, tokenizer


@pytest.fixture(scope="module")
def states():
    """What MiniLM's first five layers make of the texts: the same for every kind."""
    model, tokenizer = still_headed("minilm")
    return network(model, CPU, 5).rows(encoded([text for text, _ in ROWS], tokenizer, 128))


@pytest.mark.parametrize("kind", RATES)
def test_an_adapter_alone_learns_at_its_own_rate_and_the_encoder_stays_as_it_was(states, kind):
    model, _ = still_headed("minilm")
    own = [(weight, weight.detach().clone()) for weight in model.encoder.parameters()]
    how = recipe(kind, frozen_layers=5, epochs=6, batch=4)  # enough steps for the rate that a model would get
    net = network(*adapted([model], how), CPU, 5)
    with net.learning():
        curve = descend(net, examples(states, slice(120)), examples(states, slice(120, None)), how, silent)
    assert max(score for _, score in curve.score) > curve.score[0][1] + 0.2
    assert all(torch.equal(weight, before) for weight, before in own)
    share = learning_weights(net) / sum(weight.numel() for weight, _ in own)
    assert 0 < share < 0.002


def test_adalora_gives_ranks_to_where_they_are_needed(states):
    model, _ = still_headed("minilm")
    net = network(*adapted([model], recipe("adalora", frozen_layers=5)), CPU, 5)
    lesson, far = examples(states, slice(80)), model.attached.penalty().item()
    with net.learning():  # without validation, to the last state
        descend(net, lesson, examples(states, slice(0)), recipe("adalora", rate=3e-2), silent)
    assert model.attached.penalty().item() < far / 3  # its vectors are led towards orthogonality
    ranks = [int((one != 0).sum()) for name, one in model.named_parameters() if "lora_E" in name]
    assert sum(ranks) == 2 * len(ranks)  # from three each to two on average
    assert len(set(ranks)) > 1


@dataclass(frozen=True)
class Kept:
    """One kind after some steps, as it stood in memory and as it was saved and packaged."""

    folder: Path
    start: np.ndarray
    unmerged: np.ndarray
    answers: np.ndarray
    parameters: int
    learning: list[str]


def taken_through(kind, base, folder):
    torch.manual_seed(1)
    model, tokenizer = pretrained(str(base), len(SUBJECTS), 0.0)
    (model,) = adapted([model], recipe(kind, frozen_layers=1))
    whole, net = network(model, CPU, 0), network(model, CPU, 1)
    ids = encoded([text for text, _ in ROWS], tokenizer, 128)
    learning = [name for name, weight in model.named_parameters() if weight.requires_grad]
    start, parameters, rows = whole.scored(ids[:40]), learning_weights(net), net.rows(ids)
    torch.nn.init.normal_(model.head.weight)
    with net.learning():
        lesson, how = examples(rows, slice(120)), recipe(kind).model_copy(update={"epochs": 1, "rate": 0.3})
        descend(net, lesson, examples(rows, slice(0)), how, silent)
    unmerged = whole.scored(ids[:40])
    merged(model)
    save([model], tokenizer, folder / "weights")
    package(model, tokenizer, declared(base, kind), folder / "package")
    return Kept(folder, start, unmerged, whole.scored(ids[:40]), parameters, learning)


def declared(base, kind):
    return ModelSpec(
        name="topics",
        labels=tuple(SUBJECTS),
        source=Source(uri="unread.csv"),
        base=str(base),
        recipe=recipe(kind, frozen_layers=1, head_rate=1e-2),
        gate=Gate(macro_f1=0, accuracy=0, margin=0, lead=0),
    )


@pytest.fixture(scope="module")
def kept(tiny_encoder, tmp_path_factory):
    return {kind: taken_through(kind, tiny_encoder, tmp_path_factory.mktemp(kind)) for kind in RATES}


def test_a_fresh_process_reproduces_the_logits_of_every_kind(kept):
    script = """
import json, sys
from pathlib import Path
import torch
from pipelines.training.batches import encoded
from pipelines.training.network import network
from pipelines.training.saving import restored
folders, texts = json.load(sys.stdin)
for folder in folders:
    (model,), tokenizer = restored(Path(folder), 3, 0.1)
    print(json.dumps(network(model, torch.device("cpu"), 0).scored(encoded(texts, tokenizer, 128)).tolist()))
"""
    folders = [str(one.folder / "weights") for one in kept.values()]
    said = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps([folders, TEXTS]), capture_output=True, text=True, check=True
    )
    for kind, line in zip(kept, said.stdout.splitlines(), strict=True):
        np.testing.assert_allclose(json.loads(line), kept[kind].answers, atol=1e-5, err_msg=kind)


@pytest.mark.parametrize("kind", RATES)
def test_merging_changes_the_shape_and_not_the_answers(kept, kind):
    one = kept[kind]
    assert np.abs(one.unmerged - one.start).max() > 0.5
    np.testing.assert_allclose(one.answers, one.unmerged, atol=1e-5)
    assert (one.folder / "weights" / "adapters.json").exists() is (kind not in MERGED)


@pytest.mark.parametrize("kind", RATES)
def test_what_is_served_has_the_adapter_in_it(kept, kind):
    one = kept[kind]
    expected = torch.tensor(one.answers).softmax(1).numpy()
    served = softmax(Packaged.load(one.folder / "package").logits(TEXTS), axis=1)
    assert (served.argmax(1) == expected.argmax(1)).mean() >= 0.95
    np.testing.assert_allclose(served, expected, atol=0.05)


@pytest.mark.parametrize(
    ("kind", "adapter"), [("lora", 896), ("adalora", 1362), ("ia3", 128), ("prefix", 128), ("bottleneck", 324)]
)
def test_the_weights_that_learn_are_counted(kept, kind, adapter):
    """By hand, for one layer of 32 dimensions, 64 within: four maps of 32 x 32, one up, one down; the head has 99."""
    assert kept[kind].parameters == adapter + 99


@pytest.mark.parametrize("kind", RATES)
def test_kept_layers_get_no_adapter(kept, kind):
    inside = [name for name in kept[kind].learning if not name.startswith("head.")]
    assert inside
    assert all(name.startswith("encoder.encoder.layer.1.") for name in inside)


@pytest.mark.parametrize("kind", ["lora", "prefix", "bottleneck"])
def test_a_second_cycle_begins_where_the_first_ended(kept, tiny_encoder, kind):
    models, tokenizer = restored(kept[kind].folder / "weights", 3, 0.0)
    before = len(grown(models[0].encoder))
    adapted(models, recipe(kind, frozen_layers=1))
    found = network(models[0], CPU, 0).scored(encoded(TEXTS, tokenizer, 128))
    np.testing.assert_allclose(found, kept[kind].answers, atol=1e-5)
    assert len(grown(models[0].encoder)) == before
    assert any(weight.requires_grad for weight in models[0].encoder.parameters())


def test_fine_tuning_counts_merges_and_saves_what_its_recipe_asks_for(tiny_encoder, tmp_path):
    rows = pd.DataFrame(ROWS, columns=["text", "label"])
    frame = rows.assign(validation=[number % 5 == 0 for number in range(len(rows))], origin="source", weight=1.0)
    challenger = fine_tune(frame, declared(tiny_encoder, "lora"), tmp_path, None, silent)
    (model,), _ = restored(challenger.weights, 3, 0.0)
    base, _ = pretrained(str(tiny_encoder), 3, 0.0)
    changed = {
        name for name, one in model.encoder.named_parameters() if not torch.equal(one, base.encoder.get_parameter(name))
    }
    assert challenger.parameters == 995
    assert all(name.startswith("encoder.layer.1.") and name.endswith(".weight") for name in changed)


def test_weights_that_would_answer_otherwise_are_not_kept(tiny_encoder, tmp_path, monkeypatch):
    model, tokenizer = pretrained(str(tiny_encoder), 3, 0.0)
    adapted([model], recipe("bottleneck"))
    for one in grown(model.encoder).values():
        torch.nn.init.normal_(one.up.weight)
    save([model], tokenizer, tmp_path / "whole")
    monkeypatch.setattr(saving, "save_grown", lambda *_: None)
    with pytest.raises(Unfaithful, match="do not register"):
        save([model], tokenizer, tmp_path / "holed")


SIZES = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
MARKS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
FAMILIES = {
    "BERT": lambda: BertModel(BertConfig(**SIZES)),
    "MPNet": lambda: MPNetModel(MPNetConfig(**SIZES)),
    "ModernBERT": lambda: ModernBertModel(ModernBertConfig(**SIZES, **MARKS)),
    "DistilBERT": lambda: DistilBertModel(
        DistilBertConfig(vocab_size=50, dim=16, hidden_dim=24, n_layers=2, n_heads=2)
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", RATES)
def test_every_family_takes_every_adapter_its_attention_allows(family, kind):
    torch.manual_seed(0)
    model = Classifier(FAMILIES[family](), 3)
    if (family, kind) == ("MPNet", "prefix"):
        with pytest.raises(NoPlace, match="choose the adapter lora"):
            adapted([model], recipe(kind, frozen_layers=0))
        return
    net = network(*adapted([model], recipe(kind, frozen_layers=0)), CPU, 0)
    rows = [torch.randint(3, 50, (length,)) for length in (5, 9, 3)]
    learning = {name: one for name, one in model.named_parameters() if one.requires_grad}
    for _ in range(2):
        (net.logits(rows)[:, 0].sum() + model.attached.penalty()).backward()
        with torch.no_grad():
            for one in learning.values():
                one -= one.grad
    assert all(one.grad.abs().sum() > 0 for one in learning.values())
    alone, together = net.scored(rows[2:]), net.scored(rows)
    np.testing.assert_allclose(alone[0], together[2], rtol=1e-4, atol=1e-4)  # padding is not attended to
    np.testing.assert_allclose(network(merged(model), CPU, 0).scored(rows), together, rtol=1e-4, atol=1e-4)
