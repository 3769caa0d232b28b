"""Metrics for the library `evaluate`, defined here: loading one by name would download a script."""

from typing import Any

import datasets
import evaluate
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

_TEXT_LABELS = datasets.Features({"predictions": datasets.Value("string"), "references": datasets.Value("string")})


class _LabelMetric(evaluate.Metric):  # type: ignore[misc]  # the library is untyped
    """A metric over label names."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=type(self).__doc__ or "", citation="", inputs_description="", features=_TEXT_LABELS
        )


class Accuracy(_LabelMetric):
    """Share of predictions equal to their reference."""

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, float]:
        return {"accuracy": float(accuracy_score(references, predictions))}


class MacroF1(_LabelMetric):
    """Unweighted mean of the F1 of every label that occurs in predictions or references."""

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, float]:
        return {"macro_f1": float(f1_score(references, predictions, average="macro", zero_division=0.0))}


class PerLabel(_LabelMetric):
    """Precision, recall, F1 and support of each label, in the order of their names."""

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, Any]:
        labels = sorted({*predictions, *references})
        columns = precision_recall_fscore_support(references, predictions, labels=labels, zero_division=0.0)
        names = ("precision", "recall", "f1", "support")
        rows = [dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)]
        return {"per_label": dict(zip(labels, rows, strict=True))}


def compute_metrics(predictions: list[str], references: list[str], cache: str) -> dict[str, Any]:
    """Return accuracy, macro-F1 and per-label figures; `cache` is the only folder that `evaluate` may write to."""
    metrics = [kind(cache_dir=cache, keep_in_memory=True) for kind in (Accuracy, MacroF1, PerLabel)]
    return dict(evaluate.combine(metrics).compute(predictions=predictions, references=references))
