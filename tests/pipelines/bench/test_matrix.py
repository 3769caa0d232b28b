import time
from dataclasses import replace

import pytest
import torch

from pipelines.bench import machine, matrix, results_file
from pipelines.bench.matrix import Steps, operations
from pipelines.bench.recipes import SETUPS
from pipelines.training.network import device
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network

CPU = torch.device("cpu")


@pytest.fixture
def net(tiny_encoder):
    return lambda kept: make_network(load_pretrained(str(tiny_encoder), 3, 0.1)[0], CPU, kept)


def test_operations_are_those_of_the_layers_that_run(net):
    ids = [torch.arange(5, 5 + length) for length in (8, 16)]
    whole, upper = net(0), net(1)
    short, long = (operations(whole, ids, length) for length in (8, 16))
    assert short < long / 2 < short * 1.3  # attention grows faster than the text
    half = operations(upper, upper.prepare(ids), 16)
    assert 0.4 * long < half < 0.5 * long  # no gradient flows into frozen layers
    weights, hidden = 4 * 32 * 32 + 2 * 32 * 64, 32
    assert long == pytest.approx(3 * 2 * (2 * weights * 16 + 2 * 16 * 16 * hidden * 2), rel=0.05)


def test_padding_and_checks_are_not_counted(net):
    one, steps = net(0), Steps("tiny", lambda *_: None)
    with steps.counting(one):
        one.logits([torch.arange(5, 20)])  # a trial before the first step
        one.logits([torch.arange(5, 15), torch.arange(5, 9)])
        steps.watch(1, 2, 0.5, None)
        one.predict([torch.arange(5, 15)])
        time.sleep(0.2)
        steps.watch(1, 2, 0.5, 0.5)
        one.logits([torch.arange(5, 10)])
        steps.watch(2, 2, 0.5, None)
    assert steps.lengths == {10: 1, 4: 1, 5: 1}
    assert steps.padded == 25
    assert 0 < steps.seconds < 0.2


def test_the_share_of_the_matrix_rate_is_a_share(bench, small_setups, monkeypatch):
    monkeypatch.setattr(machine, "SHAPES", ((256, 256, 256), (512, 384, 384)))
    monkeypatch.setattr(machine, "OPERATIONS", 5e8)
    monkeypatch.setattr(matrix, "matrix_rate", lambda *asked: machine.matrix_rate(*asked, tries=1))
    monkeypatch.setattr(device, "bf16_speedup", lambda: 2.0)
    for name in matrix.NAMES:  # of small data sets: near duplicates in the messages to airlines take 14 s
        data = small_setups[name].data.replace("airline", "clinc150")
        monkeypatch.setitem(SETUPS, name, replace(small_setups[name], seeds=(7,), data=data))
    found = list(matrix.share(bench))
    assert [one.recipe for one in found] == list(matrix.NAMES)
    assert all(0 < one.value < 1.2 for one in found)
    measure, other = found[:2]
    assert "GFLOP/s in fp32" in measure.note
    assert "GFLOP/s in bf16" in other.note
    found = results_file.read(bench.work / "runs" / "matrix-rate" / "matrix-rate-7.json")["value"]
    assert measure.value == found["useful"] / max(found["before"], found["after"])
    assert 0.5 < found["real"] <= 1
