"""What Prometheus may ask: counts and times, never texts or customers."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from pipelines.kinds.target import Target
from pipelines.store.predictions import Prediction

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry for each application, so that two in one process do not share their counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Histogram(
            "needloop_request_seconds", "Time to answer.", ["route", "status"], registry=registry, buckets=SECONDS
        )
        self.predictions = Counter(
            "needloop_predictions", "Texts answered.", ["model", "version", "label"], registry=registry
        )
        self.labels = Counter(
            "needloop_labels",
            "Labels given by models that may give a text several.",
            ["model", "version", "label"],
            registry=registry,
        )
        self.abstentions = Counter(
            "needloop_abstentions", "Texts answered without confidence, or while paused.", ["model"], registry=registry
        )
        self.feedback = Counter("needloop_feedback", "Feedback kept.", ["model", "teaches"], registry=registry)
        self.feedback_refused = Counter(
            "needloop_feedback_refused", "Feedback over a limit.", ["model", "limit"], registry=registry
        )
        self.champion = Gauge(
            "needloop_champion_version",
            "The version that answers.",
            ["model"],
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.failures = Counter(
            "needloop_champion_failures", "Champions or ledgers that could not be loaded.", ["model"], registry=registry
        )
        self.canary = Counter(
            "needloop_canary", "Requests of a canary's customers.", ["model", "version", "outcome"], registry=registry
        )
        self.shadow = Counter(
            "needloop_shadow", "Texts shown to a shadow.", ["model", "version", "outcome"], registry=registry
        )
        self.events = Counter("needloop_events", "Feedback told to Prefect.", ["outcome"], registry=registry)
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """All of it in Prometheus's format; where several processes serve together, of all of them."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # it has no types
        return generate_latest(together)

    def count(self, predictions: Iterable[Prediction], target: Target) -> None:
        """Texts that were answered: by label where an answer is one, else their labels apart from them."""
        alone = target.cells is not None
        for one in predictions:
            self.predictions.labels(one.model, one.version, one.label if alone else "").inc()
            for label in () if alone else target.labels_in(one.label):
                self.labels.labels(one.model, one.version, label).inc()
            if one.abstained:
                self.abstentions.labels(one.model).inc()
