import numpy as np
import pytest
import torch
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

from pipelines.catalog.recipe import RATES
from pipelines.training.adapters.attaching import attach_adapters, merge_adapters
from pipelines.training.adapters.places import AdapterNotSupported
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import Classifier, load_pretrained
from pipelines.training.network.network import make_network, trainable_parameters
from pipelines.training.optimisation.training_loop import training_loop
from tests.conftest import SUBJECTS
from tests.pipelines.training.adapting import CPU, ROWS, examples, recipe
from tests.pipelines.training.small import silent


def still_headed(base):
    """A classifier with a random, frozen head: only the adapter can learn."""
    torch.manual_seed(3)
    model, tokenizer = load_pretrained(str(base), len(SUBJECTS), 0.0)
    torch.nn.init.normal_(model.head.weight, std=0.3)
    model.head.requires_grad_(False)
    return model, tokenizer


@pytest.fixture(scope="module")
def states():
    """The output of MiniLM's first five layers for the texts: equal for every kind of adapter."""
    model, tokenizer = still_headed("minilm")
    return make_network(model, CPU, 5).prepare(tokenise([text for text, _ in ROWS], tokenizer, 128))


@pytest.mark.parametrize("kind", RATES)
def test_an_adapter_alone_learns_at_its_own_rate_and_the_encoder_stays_as_it_was(states, kind):
    model, _ = still_headed("minilm")
    own = [(weight, weight.detach().clone()) for weight in model.encoder.parameters()]
    how = recipe(kind, frozen_layers=5, epochs=6, batch=4)  # enough steps for the default rate
    net = make_network(*attach_adapters([model], how), CPU, 5)
    with net.trainable_part():
        curve = training_loop(net, examples(states, slice(120)), examples(states, slice(120, None)), how, silent)
    assert max(score for _, score in curve.score) > curve.score[0][1] + 0.2
    assert all(torch.equal(weight, before) for weight, before in own)
    share = trainable_parameters(net) / sum(weight.numel() for weight, _ in own)
    assert 0 < share < 0.002


def test_adalora_gives_ranks_to_where_they_are_needed(states):
    model, _ = still_headed("minilm")
    net = make_network(*attach_adapters([model], recipe("adalora", frozen_layers=5)), CPU, 5)
    lesson, far = examples(states, slice(80)), model.adapter.penalty().item()
    with net.trainable_part():  # without validation, to the last state
        training_loop(net, lesson, examples(states, slice(0)), recipe("adalora", rate=3e-2), silent)
    assert model.adapter.penalty().item() < far / 3  # the penalty makes its vectors orthogonal
    ranks = [int((one != 0).sum()) for name, one in model.named_parameters() if "lora_E" in name]
    assert sum(ranks) == 2 * len(ranks)  # from three each to two on average
    assert len(set(ranks)) > 1


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
        with pytest.raises(AdapterNotSupported, match="choose the adapter lora"):
            attach_adapters([model], recipe(kind, frozen_layers=0))
        return
    net = make_network(*attach_adapters([model], recipe(kind, frozen_layers=0)), CPU, 0)
    rows = [torch.randint(3, 50, (length,)) for length in (5, 9, 3)]
    learning = {name: one for name, one in model.named_parameters() if one.requires_grad}
    for _ in range(2):
        (net.logits(rows)[:, 0].sum() + model.adapter.penalty()).backward()
        with torch.no_grad():
            for one in learning.values():
                one -= one.grad
    assert all(one.grad.abs().sum() > 0 for one in learning.values())
    alone, together = net.predict(rows[2:]), net.predict(rows)
    np.testing.assert_allclose(alone[0], together[2], rtol=1e-4, atol=1e-4)  # padding is not attended to
    np.testing.assert_allclose(
        make_network(merge_adapters(model), CPU, 0).predict(rows), together, rtol=1e-4, atol=1e-4
    )
