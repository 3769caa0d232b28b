import socket

import pytest

from pipelines.kinds.classification.evaluation.label_metrics import compute_metrics

TRUTH = ["a", "a", "b", "b"]
FOUND = ["a", "b", "b", "b"]


def test_figures_are_right_and_nothing_is_downloaded(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a metric reached for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    figures = compute_metrics(FOUND, TRUTH, str(tmp_path))
    assert figures["accuracy"] == 0.75
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert figures["per_label"]["a"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2.0}
