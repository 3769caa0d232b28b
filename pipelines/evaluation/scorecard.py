"""The evidence of one decision: champion and challenger on the same held-out texts, in the same run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sklearn.metrics import confusion_matrix

from pipelines.catalog import ModelSpec
from pipelines.evaluation import bootstrap
from pipelines.evaluation.agreement import Agreement
from pipelines.evaluation.baseline import majority, tfidf
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.bootstrap import Interval, Resampled
from pipelines.evaluation.burden import Burden
from pipelines.evaluation.calibration import Trust
from pipelines.evaluation.comparison import Comparison, compared
from pipelines.evaluation.fairness import Fairness
from pipelines.evaluation.metrics import measured
from pipelines.evaluation.recent import Recent
from pipelines.evaluation.scope import Scope
from pipelines.evaluation.slices import SliceScore


@dataclass(frozen=True)
class Standing:
    """How one contestant did."""

    macro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class Doubts:
    """What may be wrong with the data: train texts that are nearly test texts, and labels that look like errors."""

    leaks: int
    suspects: int


@dataclass(frozen=True)
class Scorecard:
    """The evidence of one decision; `against` the champion, where there is one; `lead` is macro-F1 over TF-IDF.

    From `agreement` on, what is none was not shown, and refuses. `uses` counts the looks at this test split so far.
    """

    rows: int
    labels: tuple[str, ...]
    challenger: Standing
    champion: Standing | None
    majority: Standing
    tfidf: Standing
    against: Comparison | None
    lead: Interval
    per_label: dict[str, dict[str, float]]
    confusion: tuple[tuple[int, ...], ...]
    known: tuple[str, ...] = ()  # labels that the challenger answers
    agreement: Agreement | None = None
    trust: Trust | None = None
    scope: Scope | None = None
    burden: Burden | None = None
    slices: tuple[SliceScore, ...] | None = None
    behaviour: tuple[Capability, ...] | None = None
    fairness: Fairness | None = None
    harmful: tuple[str, ...] | None = None  # words of the labels
    doubts: Doubts | None = None
    recent: Recent | None = None
    uses: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)  # SHA-256 by address, of what it was counted from

    def labelled(self) -> Iterable[tuple[str, dict[str, float]]]:
        """Precision, recall, F1 and support of the labels that the texts carry."""
        return [(label, row) for label, row in self.per_label.items() if row["support"]]

    def table(self) -> list[dict[str, str]]:
        """One row per contestant, for people."""
        named = {
            "challenger": self.challenger,
            "champion": self.champion,
            "TF-IDF": self.tfidf,
            "majority": self.majority,
        }
        return [
            {"who": who, "macro-F1": str(one.macro_f1), "accuracy": str(one.accuracy)}
            for who, one in named.items()
            if one
        ]

    def figures(self) -> dict[str, float]:
        """The numbers MLflow keeps."""
        figures = {"test.macro_f1": self.challenger.macro_f1.value, "test.accuracy": self.challenger.accuracy.value}
        figures |= {
            "test.macro_f1.low": self.challenger.macro_f1.low,
            "test.macro_f1.high": self.challenger.macro_f1.high,
        }
        figures |= {f"test.f1.{label}": row["f1"] for label, row in self.per_label.items()}
        figures |= {"tfidf.macro_f1": self.tfidf.macro_f1.value, "majority.accuracy": self.majority.accuracy.value}
        return figures | self._shown() | {"test.uses": float(self.uses)}

    def _shown(self) -> dict[str, float]:
        """Of everything beyond right and wrong, what was shown."""
        figures: dict[str, float] = {}
        if self.trust:
            figures |= {"test.calibration_error": self.trust.error, "test.brier": self.trust.brier}
        if self.scope:
            figures |= {"scope.recall": self.scope.recall, "scope.auroc": self.scope.auroc}
        if self.burden:
            figures |= {"serve.milliseconds": self.burden.milliseconds, "serve.bytes": float(self.burden.bytes)}
        if self.agreement:
            figures["package.differs"] = self.agreement.share
        figures |= {f"slice.{one.name}": one.accuracy for one in self.slices or () if one.enough}
        figures |= {f"failed.{one.name}": one.rate for one in self.behaviour or ()}
        return figures | {f"flipped.{one.name}": one.rate for one in (self.fairness.groups if self.fairness else ())}


def scorecard(
    spec: ModelSpec, test: pd.DataFrame, train: pd.DataFrame, answers: dict[str, list[str]], cache: str
) -> Scorecard:
    """Judge `answers["challenger"]`, and `answers["champion"]` if there is one, against the labels of `test`."""
    references = test["label"].tolist()
    resampled = Resampled(references, spec.labels, writers(test))
    source = train[train["origin"] == "source"]
    learnt = source["text"].tolist(), source["label"].tolist()
    simple, common = tfidf(*learnt, test["text"].tolist()), majority(learnt[1], len(test))
    challenger, champion = answers["challenger"], answers.get("champion")
    figures: dict[str, Any] = measured(challenger, references, cache)

    def standing(predictions: list[str]) -> Standing:
        return Standing(
            resampled.interval(bootstrap.macro_f1, predictions), resampled.interval(bootstrap.accuracy, predictions)
        )

    return Scorecard(
        rows=len(test),
        labels=spec.labels,
        challenger=standing(challenger),
        champion=standing(champion) if champion else None,
        majority=standing(common),
        tfidf=standing(simple),
        against=compared(references, challenger, champion, resampled) if champion else None,
        lead=resampled.difference(bootstrap.macro_f1, challenger, simple),
        per_label=figures["per_label"],
        confusion=_confusion(references, challenger, spec.labels),
    )


def writers(test: pd.DataFrame) -> list[str] | None:
    """Who wrote each text, where a source or the store says it; a text of nobody known is its own."""
    if "customer" not in test:
        return None
    return [who or key for who, key in zip(test["customer"], test["key"], strict=True)]


def _confusion(references: list[str], answers: list[str], labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """How often each label (row) was answered with each label (column)."""
    found = confusion_matrix(references, answers, labels=list(labels))
    return tuple(tuple(map(int, row)) for row in found)
