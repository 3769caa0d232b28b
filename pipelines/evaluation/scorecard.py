"""Champion and challenger on the same held-out texts, in the same run, through the packaged artefact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sklearn.metrics import confusion_matrix

from pipelines.catalog import ModelSpec
from pipelines.evaluation import bootstrap
from pipelines.evaluation.baseline import majority, tfidf
from pipelines.evaluation.bootstrap import Interval, Resampled
from pipelines.evaluation.comparison import Comparison, compared
from pipelines.evaluation.metrics import measured


@dataclass(frozen=True)
class Standing:
    """How one contestant did."""

    macro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class Scorecard:
    """The evidence of one decision; `against` the champion, where there is one; `lead` is macro-F1 over TF-IDF."""

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
        return {
            **figures,
            "tfidf.macro_f1": self.tfidf.macro_f1.value,
            "majority.accuracy": self.majority.accuracy.value,
        }


def scorecard(
    spec: ModelSpec, test: pd.DataFrame, train: pd.DataFrame, answers: dict[str, list[str]], cache: str
) -> Scorecard:
    """Judge `answers["challenger"]`, and `answers["champion"]` if there is one, against the labels of `test`."""
    references = test["label"].tolist()
    resampled = Resampled(references, spec.labels)
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


def _confusion(references: list[str], answers: list[str], labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """How often each label (row) was answered with each label (column)."""
    found = confusion_matrix(references, answers, labels=list(labels))
    return tuple(tuple(map(int, row)) for row in found)
