"""The content of `/metrics`."""

import pytest

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction

SEVERAL = LabelSets(labels=("delay", "staff", "refund"))


def count_lines(target, *cells):
    """The lines of `/metrics` that count texts and labels, after these answers."""
    metrics = Metrics()
    metrics.count([Prediction("m", 1, "k", "so so", cell, 0.9, {}, kind=target.kind) for cell in cells], target)
    wanted = ("needloop_predictions_total{", "needloop_labels_total{")
    return [line for line in metrics.text().decode().splitlines() if line.startswith(wanted)]


@pytest.mark.parametrize(
    ("target", "cells", "lines"),
    [
        (
            Labels(labels=("bad", "good")),
            ["bad", "bad", "good"],
            [
                'needloop_predictions_total{label="bad",model="m",version="1"} 2.0',
                'needloop_predictions_total{label="good",model="m",version="1"} 1.0',
            ],
        ),
        (
            SEVERAL,
            ["delay;staff", "delay", ";"],
            [
                'needloop_predictions_total{label="",model="m",version="1"} 3.0',
                'needloop_labels_total{label="delay",model="m",version="1"} 2.0',
                'needloop_labels_total{label="staff",model="m",version="1"} 1.0',
            ],
        ),
    ],
    ids=["one label", "several"],
)
def test_there_are_no_more_series_than_labels(target, cells, lines):
    assert count_lines(target, *cells) == lines
