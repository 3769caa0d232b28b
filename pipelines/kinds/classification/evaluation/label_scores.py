"""How often champion and challenger are right on the same held-out texts, in the same run, beside two baselines."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
from pydantic import TypeAdapter
from sklearn.metrics import confusion_matrix

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.customers import writers
from pipelines.evaluation.measure import Attachment, missing
from pipelines.evaluation.scorecard import Scorecard
from pipelines.inference.artefact import card as package_card
from pipelines.kinds.classification.evaluation.label_comparison import Comparison, compared
from pipelines.kinds.classification.evaluation.label_resamples import Resampled, accuracy
from pipelines.kinds.classification.label_baselines import majority, tfidf
from pipelines.kinds.labelled.label_counts import macro_f1


@dataclass(frozen=True)
class Standing:
    """How one contestant did."""

    macro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class Standings:
    """Everybody's scores; `against` the champion, where there is one; `lead` is macro-F1 over TF-IDF.

    `labels` are the declared ones, `known` those that the challenger answers.
    """

    labels: tuple[str, ...]
    challenger: Standing
    champion: Standing | None
    majority: Standing
    tfidf: Standing
    against: Comparison | None
    lead: Interval
    per_label: dict[str, dict[str, float]]
    confusion: tuple[tuple[int, ...], ...]
    known: tuple[str, ...] = ()

    def labelled(self) -> Iterable[tuple[str, dict[str, float]]]:
        """Precision, recall, F1 and support of the labels that the texts carry."""
        return [(label, row) for label, row in self.per_label.items() if row["support"]]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Of the labels that the texts carry: right answers, and texts."""
        return {label: (round(row["recall"] * row["support"]), round(row["support"])) for label, row in self.labelled()}

    def contestants(self) -> dict[str, Standing]:
        """Everybody who was there, by the name that people read."""
        named = {
            "challenger": self.challenger,
            "champion": self.champion,
            "TF-IDF": self.tfidf,
            "majority": self.majority,
        }
        return {who: standing for who, standing in named.items() if standing}

    def attachments(self) -> Iterator[Attachment]:
        """Each of its parts under its own name."""
        return (Attachment(one.name, getattr(self, one.name)) for one in fields(self))


def standings_in(card: Scorecard) -> Standings | None:
    """Those that a scorecard holds; none where it is of another kind of model. Raises ValidationError."""
    if CHALLENGER not in card.attachments:
        return None
    names = {one.name for one in fields(Standings)} & card.attachments.keys()
    return TypeAdapter(Standings).validate_python({name: card.attachments[name] for name in names})


def holes(found: Standings) -> list[str]:
    """Why nothing can be counted on, in sentences; none where contestants and labels are whole."""
    return list(_holes(found))


def _holes(found: Standings) -> Iterator[str]:
    if set(found.known) != set(found.labels):
        known = ", ".join(found.known) or "no known labels"
        yield f"it answers {known}; declared are {', '.join(found.labels)}: train again"
    if (found.champion is None) != (found.against is None):
        yield missing("how it stands against the champion")
    counts = [found.per_label[label][name] for label in found.per_label for name in ("recall", "support")]
    if not found.per_label or not all(map(math.isfinite, counts)):
        yield missing("how it does on each label")
    elif found.against and {label for label, _ in found.labelled()} - found.against.labels.keys():
        yield missing("how it stands against the champion on each label")


def standings(case: Case) -> Standings:
    """Of a case, by the labels that were answered."""
    card = package_card(case.contest.packages[CHALLENGER])
    known = tuple(card["labels"]) if card.get("kind", case.spec.kind) == case.spec.kind else ()
    answers = {who: answers.cells for who, answers in case.answers.items()}
    return stood(case.spec, case.test, case.train, answers, case.cache, known)


def stood(
    spec: ModelSpec,
    test: pd.DataFrame,
    train: pd.DataFrame,
    answers: Mapping[str, list[str]],
    cache: str,
    known: tuple[str, ...],
) -> Standings:
    """Judge `answers["challenger"]`, and `answers["champion"]` if there is one, against the labels of `test`."""
    # `evaluate` brings the networks: who reads a card needs none.
    from pipelines.kinds.classification.evaluation.label_metrics import measured

    references = test["label"].tolist()
    resampled = Resampled(references, spec.target.names, writers(test))
    source = train[train["origin"] == "source"]
    learnt = source["text"].tolist(), source["label"].tolist()
    simple, common = tfidf(*learnt, test["text"].tolist()), majority(learnt[1], len(test))
    challenger, champion = answers[CHALLENGER], answers.get(CHAMPION)
    figures: dict[str, Any] = measured(challenger, references, cache)

    def standing(predictions: list[str]) -> Standing:
        return Standing(resampled.interval(macro_f1, predictions), resampled.interval(accuracy, predictions))

    return Standings(
        labels=spec.target.names,
        challenger=standing(challenger),
        champion=standing(champion) if champion else None,
        majority=standing(common),
        tfidf=standing(simple),
        against=compared(references, challenger, champion, resampled) if champion else None,
        lead=resampled.difference(macro_f1, challenger, simple),
        per_label=figures["per_label"],
        confusion=_confusion(references, challenger, spec.target.names),
        known=known,
    )


def _confusion(references: list[str], answers: list[str], labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """How often each label (row) was answered with each label (column)."""
    found = confusion_matrix(references, answers, labels=list(labels))
    return tuple(tuple(map(int, row)) for row in found)
