"""Prometheus metrics: counts and durations, without texts and customers."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from pipelines.kinds.target import Target
from pipelines.store.predictions import Prediction

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Histogram(
            "needloop_request_seconds",
            "Seconds from request to response.",
            ["route", "status"],
            registry=registry,
            buckets=SECONDS,
        )
        self.predictions = Counter(
            "needloop_predictions", "Texts answered.", ["model", "version", "label"], registry=registry
        )
        self.labels = Counter(
            "needloop_labels",
            "Labels in answers of models with several labels per text.",
            ["model", "version", "label"],
            registry=registry,
        )
        self.abstentions = Counter(
            "needloop_abstentions",
            "Texts on which the model abstained, paused models included.",
            ["model"],
            registry=registry,
        )
        self.truncated = Counter(
            "needloop_truncated_texts",
            "Texts longer than the model reads; the rest was not read.",
            ["model"],
            registry=registry,
        )
        self.feedback = Counter("needloop_feedback", "Feedback recorded.", ["model", "teaches"], registry=registry)
        self.feedback_refused = Counter(
            "needloop_feedback_refused", "Feedback refused by a limit.", ["model", "limit"], registry=registry
        )
        self.champion = Gauge(
            "needloop_champion_version",
            "Version of the loaded champion.",
            ["model"],
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.failures = Counter(
            "needloop_champion_failures",
            "Failed attempts to load a champion or the ledger.",
            ["model"],
            registry=registry,
        )
        self.canary = Counter(
            "needloop_canary",
            "Requests of customers during a canary, by version and outcome.",
            ["model", "version", "outcome"],
            registry=registry,
        )
        self.shadow = Counter(
            "needloop_shadow",
            "Texts copied to a shadow, by outcome.",
            ["model", "version", "outcome"],
            registry=registry,
        )
        self.events = Counter(
            "needloop_events", "Feedback events for Prefect, by outcome.", ["outcome"], registry=registry
        )
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """All metrics in Prometheus's text format; the sums of all worker processes if there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        combined = CollectorRegistry()
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]  # it has no types
        return generate_latest(combined)

    def count(self, predictions: Iterable[Prediction], target: Target) -> None:
        """Count answered texts: by label for models of one label; else texts and labels separately."""
        single_label = target.cells is not None
        for row in predictions:
            self.predictions.labels(row.model, row.version, row.label if single_label else "").inc()
            for label in () if single_label else target.labels_in(row.label):
                self.labels.labels(row.model, row.version, label).inc()
            if row.abstained:
                self.abstentions.labels(row.model).inc()
            if row.truncated:
                self.truncated.labels(row.model).inc()
