"""Scores of challenger, champion and two baselines on the same held-out texts, in the same run."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
from pydantic import TypeAdapter
from sklearn.metrics import confusion_matrix

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.customers import text_customers
from pipelines.evaluation.measure import Attachment, missing_evidence
from pipelines.evaluation.scorecard import Scorecard
from pipelines.inference.artefact import read_package_metadata
from pipelines.kinds.classification.baseline import majority, tfidf
from pipelines.kinds.classification.evaluation.label_comparison import Comparison, compare_contestants
from pipelines.kinds.classification.evaluation.label_resamples import Resampled, accuracy
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.statistics.bootstrap import Interval


@dataclass(frozen=True)
class Scores:
    """The scores of one contestant."""

    macro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class ScoreTable:
    """The scores of all contestants; the field names are names of attachments.

    `against` is the comparison with the champion, if there is one; `lead` is the gain in macro-F1 over TF-IDF. `labels`
    are the declared labels, `known` those that the challenger answers.
    """

    labels: tuple[str, ...]
    challenger: Scores
    champion: Scores | None
    majority: Scores
    tfidf: Scores
    against: Comparison | None
    lead: Interval
    per_label: dict[str, dict[str, float]]
    confusion: tuple[tuple[int, ...], ...]
    known: tuple[str, ...] = ()

    def labelled(self) -> Iterable[tuple[str, dict[str, float]]]:
        """Return precision, recall, F1 and support of the labels that occur in the texts."""
        return [(label, row) for label, row in self.per_label.items() if row["support"]]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Numbers of right answers and of texts, by label that occurs in the texts."""
        return {label: (round(row["recall"] * row["support"]), round(row["support"])) for label, row in self.labelled()}

    def contestants(self) -> dict[str, Scores]:
        """Return the scores of the contestants that took part, by display name."""
        named = {
            "challenger": self.challenger,
            "champion": self.champion,
            "TF-IDF": self.tfidf,
            "majority": self.majority,
        }
        return {name: scores for name, scores in named.items() if scores}

    def attachments(self) -> Iterator[Attachment]:
        """Yield each field as an attachment of its name."""
        return (Attachment(field.name, getattr(self, field.name)) for field in fields(self))


def read_score_table(card: Scorecard) -> ScoreTable | None:
    """Return the scores in a scorecard, or None for another kind of model. Raises ValidationError."""
    if CHALLENGER not in card.attachments:
        return None
    names = {field.name for field in fields(ScoreTable)} & card.attachments.keys()
    return TypeAdapter(ScoreTable).validate_python({name: card.attachments[name] for name in names})


def premise_errors(scores: ScoreTable) -> list[str]:
    """Return the failed premises in sentences; empty if contestants and labels are complete."""
    return list(_premise_errors(scores))


def _premise_errors(scores: ScoreTable) -> Iterator[str]:
    if set(scores.known) != set(scores.labels):
        known = ", ".join(scores.known) or "no known labels"
        yield f"it answers {known}; declared are {', '.join(scores.labels)}; run: needloop train MODEL"
    if (scores.champion is None) != (scores.against is None):
        yield missing_evidence("the comparison with the champion")
    counts = [scores.per_label[label][name] for label in scores.per_label for name in ("recall", "support")]
    if not scores.per_label or not all(map(math.isfinite, counts)):
        yield missing_evidence("the scores of each label")
    elif scores.against and {label for label, _ in scores.labelled()} - scores.against.labels.keys():
        yield missing_evidence("the comparison with the champion on each label")


def score_table(case: Case) -> ScoreTable:
    """Score the contestants of a case by their answers to the test texts."""
    metadata = read_package_metadata(case.service.packages[CHALLENGER])
    known = tuple(metadata["labels"]) if metadata.get("kind", case.spec.kind) == case.spec.kind else ()
    answers = {role: answers.cells for role, answers in case.answers.items()}
    return build_score_table(case.spec, case.test, case.train, answers, case.cache, known)


def build_score_table(
    spec: ModelSpec,
    test: pd.DataFrame,
    train: pd.DataFrame,
    answers: Mapping[str, list[str]],
    cache: str,
    known: tuple[str, ...],
) -> ScoreTable:
    """Score `answers["challenger"]`, and `answers["champion"]` if present, against the labels of `test`."""
    # Imported here: `evaluate` imports torch, which a reader of scorecards does not need.
    from pipelines.kinds.classification.evaluation.label_metrics import compute_metrics

    references = test["label"].tolist()
    resampled = Resampled(references, spec.target.names, text_customers(test))
    source = train[train["origin"] == "source"]
    texts, labels = source["text"].tolist(), source["label"].tolist()
    tfidf_answers = tfidf(texts, labels, test["text"].tolist())
    majority_answers = majority(labels, len(test))
    challenger, champion = answers[CHALLENGER], answers.get(CHAMPION)
    figures: dict[str, Any] = compute_metrics(challenger, references, cache)

    def scores(predictions: list[str]) -> Scores:
        return Scores(resampled.interval(macro_f1, predictions), resampled.interval(accuracy, predictions))

    return ScoreTable(
        labels=spec.target.names,
        challenger=scores(challenger),
        champion=scores(champion) if champion else None,
        majority=scores(majority_answers),
        tfidf=scores(tfidf_answers),
        against=compare_contestants(references, challenger, champion, resampled) if champion else None,
        lead=resampled.difference(macro_f1, challenger, tfidf_answers),
        per_label=figures["per_label"],
        confusion=_confusion(references, challenger, spec.target.names),
        known=known,
    )


def _confusion(references: list[str], answers: list[str], labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Count the texts by true label (row) and predicted label (column)."""
    matrix = confusion_matrix(references, answers, labels=list(labels))
    return tuple(tuple(map(int, row)) for row in matrix)
