import logging
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch

from pipelines.kinds.classification import objective
from pipelines.registry.run_figures import parameters
from pipelines.training.fine_tuning import fine_tune, train_networks
from pipelines.training.network import device
from pipelines.training.network.batches import tokenise
from pipelines.training.network.device import UnsupportedPrecision, bf16_speedup, compute_dtype, mixed_precision
from pipelines.training.network.encoder import enable_checkpointing, load_pretrained
from pipelines.training.network.layers import layers
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.training_objective import Examples, batch_loss
from tests.conftest import small_rows
from tests.pipelines.training.small import silent

CPU = torch.device("cpu")
TEXTS = ["my bag is lost", "thank you so much", "the flight is late again and nobody cares at all today"]
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(80), columns=["text", "label"])
    return rows.assign(validation=[number % 10 == 0 for number in range(len(rows))], origin="source", weight=1.0)


@pytest.fixture
def spec(topics):
    return learning(topics, epochs=1, dropout=0.0, encoder_dropout=0.0, precision="fp32", compile="never")


def learning(spec, **changed):
    return spec.model_copy(update={"recipe": spec.recipe.model_copy(update=changed)})


def losses(frame, spec):
    return [loss for _, loss in train_networks(frame, spec, None, silent, Meter()).curve.loss]


def examples(net, tokenizer):
    return Examples(net.prepare(tokenise(TEXTS, tokenizer, 32)), torch.tensor([0, 2, 1]), torch.ones(3), objective)


@pytest.fixture
def small(spec):
    """A network of the given precision and number of frozen layers, without dropout."""

    def build_small(dtype=torch.float32, kept=0):
        torch.manual_seed(0)
        model, tokenizer = load_pretrained(spec.base_model, 3, 0.0, 0.0)
        return make_network(model, CPU, kept, dtype), tokenizer

    return build_small


@pytest.mark.parametrize(("times", "chosen"), [(0.6, torch.float32), (1.1, torch.float32), (2.0, torch.bfloat16)])
def test_a_cpu_learns_in_bf16_only_where_a_probe_finds_it_faster(monkeypatch, times, chosen):
    monkeypatch.setattr(device, "bf16_speedup", lambda: times)
    assert compute_dtype(CPU, "auto") is chosen


def test_the_probe_is_a_measurement_made_once():
    bf16_speedup.cache_clear()
    assert 0.01 < bf16_speedup() < 100
    assert bf16_speedup() == bf16_speedup()
    assert bf16_speedup.cache_info().misses == 1


def test_a_gpu_learns_in_bf16_or_else_in_fp16(monkeypatch):
    for has, chosen in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, has=has: has)
        assert compute_dtype(torch.device("cuda"), "auto") is chosen


def test_fp16_on_a_cpu_is_refused_with_the_choices(frame, spec, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine would learn on its GPU")
    with pytest.raises(UnsupportedPrecision, match="auto, bf16 or fp32"):
        fine_tune(frame, learning(spec, precision="fp16"), tmp_path, None, silent)


def test_bf16_is_used_where_it_is_asked_for_and_only_there(small):
    seen = {}
    for dtype in (torch.float32, torch.bfloat16):
        net, tokenizer = small(dtype)
        inner = layers(net.model.encoder)[1][0].get_submodule("intermediate.dense")
        inner.register_forward_hook(lambda _module, _inputs, output, dtype=dtype: seen.update({dtype: output.dtype}))
        assert net.logits(net.prepare(tokenise(TEXTS, tokenizer, 32))).dtype is torch.float32
    assert seen == {torch.float32: torch.float32, torch.bfloat16: torch.bfloat16}


def test_the_lower_layers_too_are_computed_in_the_precision_that_was_decided(small):
    (one, tokenizer), (other, _) = small(torch.float32, kept=1), small(torch.bfloat16, kept=1)
    exact, rough = (net.prepare(tokenise(TEXTS, tokenizer, 32))[0].float() for net in (one, other))
    assert 0 < (exact - rough).abs().max() < 0.1


def test_attention_on_a_cpu_is_computed_in_full_whatever_the_rest():
    query = torch.randn(1, 2, 5, 8, requires_grad=True)
    mask = torch.zeros(1, 1, 5, 5, dtype=torch.bfloat16)
    with mixed_precision(CPU, torch.bfloat16):
        found = torch.nn.functional.scaled_dot_product_attention(query, query.bfloat16(), query, attn_mask=mask)
        assert (query @ query.mT).dtype is torch.bfloat16
    assert found.dtype is torch.float32
    found.sum().backward()
    assert query.grad.dtype is torch.float32


def test_a_cpu_learns_in_bf16_and_the_record_says_so(frame, spec, tmp_path):
    challenger = fine_tune(frame, learning(spec, precision="bf16", epochs=2), tmp_path, None, silent)
    assert challenger.curve.score[-1][1] > 0.8
    assert {one.key: one.value for one in parameters(spec, challenger, 0)}["precision"] == "bf16"


def test_small_gradients_live_through_fp16(small, spec):
    """In fp16 all values under 6e-8 are zero; gradients of examples with a millionth of the weight need scaling.

    The rest of the batch has the weight of a million, and no label.
    """
    reached = {}
    for dtype in (torch.float32, torch.float16):
        net, tokenizer = small(dtype)
        rows = net.prepare(tokenise([*TEXTS, "my bag"], tokenizer, 32))
        targets, weights = torch.tensor([0, 2, 1, objective.UNKNOWN]), torch.tensor([1, 1, 1, 1e6])
        climb = Descent(net, spec.recipe, 10, 1e-3)
        assert climb.step(Examples(rows, targets, weights, objective)) == pytest.approx(3e-6, rel=0.5)
        found = {name: weight.grad for name, weight in net.model.named_parameters() if weight.grad is not None}
        reached[dtype] = torch.cat([found[name].flatten() for name in sorted(found) if "query.weight" in name])
    torch.testing.assert_close(reached[torch.float16], reached[torch.float32], rtol=0.05, atol=1e-11)


@contextmanager
def saved_sizes(kept):
    def keep(tensor):
        kept.append(tensor.numel() * tensor.element_size())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield


@pytest.mark.parametrize("kept", [0, 1], ids=["whole", "lower layer kept"])
def test_recomputed_activations_give_the_same_gradients_and_less_is_saved(small, spec, kept):
    found = []
    for saving in (False, True):
        net, tokenizer = small(kept=kept)
        if saving:
            enable_checkpointing(net.model)
        batch, saved = examples(net, tokenizer), []
        with net.trainable_part():
            net.model.train()
            with saved_sizes(saved):
                loss = batch_loss(net, batch, spec.recipe, 3.0)
            loss.backward()
            weights = [weight.grad for weight in net.model.parameters() if weight.grad is not None]
        found.append((sum(saved), weights))
    (plain, gradients), (thrift, again) = found
    assert thrift < 0.5 * plain
    assert len(gradients) == len(again) > 10
    for one, other in zip(gradients, again, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def test_a_recipe_turns_recomputation_on(frame, spec):
    kept, found = {True: [], False: []}, {}
    for checkpointing, bytes_kept in kept.items():
        with saved_sizes(bytes_kept):
            found[checkpointing] = losses(frame, learning(spec, checkpointing=checkpointing))
    assert found[True] == pytest.approx(found[False], rel=1e-4)
    assert sum(kept[True]) < 0.7 * sum(kept[False])


@pytest.fixture
def graphs(monkeypatch):
    """The graphs that a real compiler front end runs; machine code is left out, so that no C++ compiler is needed."""
    ran = []

    def backend(graph, _inputs):
        def run(*inputs):
            ran.append(graph)
            return graph.forward(*inputs)

        return run

    whole = torch.compile
    monkeypatch.setattr(torch, "compile", lambda function, **options: whole(function, backend=backend, **options))
    yield ran
    torch.compiler.reset()


def test_compiled_layers_learn_the_same_and_leave_no_trace(frame, spec, graphs):
    plain = train_networks(frame, spec, None, silent, Meter())
    assert not graphs
    found = train_networks(frame, learning(spec, compile="always"), None, silent, Meter())
    assert len(graphs) >= len(found.curve.loss)
    np.testing.assert_allclose([y for _, y in found.curve.loss], [y for _, y in plain.curve.loss], rtol=1e-4)
    assert found.nets[0].model.state_dict().keys() == plain.nets[0].model.state_dict().keys()
    blocks = layers(found.nets[0].model.encoder)[1]
    assert not any("forward" in vars(block) for block in blocks)


def test_auto_compiles_nothing_on_a_cpu(frame, spec, graphs):
    losses(frame, learning(spec, compile="auto"))
    assert not graphs


def test_what_cannot_be_compiled_learns_plain_and_says_so(frame, spec, monkeypatch, caplog):
    def broken(*_args):
        raise RuntimeError("no working C++ compiler")

    whole = torch.compile
    monkeypatch.setattr(torch, "compile", lambda function, **options: whole(function, backend=broken, **options))
    with caplog.at_level(logging.WARNING):
        found = losses(frame, learning(spec, compile="always"))
    torch.compiler.reset()
    assert found == pytest.approx(losses(frame, spec))
    assert "not compiled" in caplog.text


@pytest.mark.gpu
@CUDA
@pytest.mark.parametrize("wanted", ["bf16", "fp16"])
def test_a_gpu_learns_in_half_precision(frame, spec, tmp_path, wanted):
    with mixed_precision(device.choose_device(), compute_dtype(device.choose_device(), wanted)):
        product = torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")
    assert product.dtype is device.DTYPES[wanted]
    challenger = fine_tune(frame, learning(spec, precision=wanted, epochs=2), tmp_path, None, silent)
    assert challenger.precision == wanted
    assert challenger.curve.score[-1][1] > 0.8
