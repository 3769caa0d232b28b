"""How often champion and challenger name the right labels on the same held-out texts, beside two baselines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.customers import writers
from pipelines.evaluation.paired import paired
from pipelines.evaluation.significance import Pairs
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.labelled.label_counts import macro_f1, micro_f1
from pipelines.kinds.multilabel import set_baselines
from pipelines.kinds.multilabel.evaluation.set_resamples import Resampled, accuracy
from pipelines.kinds.multilabel.set_metrics import Sets
from pipelines.kinds.multilabel.target import LabelSets

ATTACHED = "sets"  # the name under which a scorecard has Standings


@dataclass(frozen=True)
class Standing:
    """How one contestant did: `accuracy` is the share of texts with exactly their labels."""

    macro_f1: Interval
    micro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class Row:
    """One label of the challenger: how many texts have it, how many of those it found, how many it was given to."""

    support: int
    hits: int
    answered: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where the label neither occurs nor is answered."""
        total = self.support + self.answered
        return 2 * self.hits / total if total else 0.0


@dataclass(frozen=True)
class Against:
    """Challenger and champion on the same texts: macro-F1 gained, and pairs of what they had right.

    `whole` counts sets, `labels` whether a label was told rightly, `found` whether it was found where it is.
    """

    macro_f1: Interval
    whole: Pairs
    labels: Mapping[str, Pairs]
    found: Mapping[str, Pairs]
    lost: tuple[int, ...]


@dataclass(frozen=True)
class Standings:
    """Everybody's scores; `lead` is macro-F1 over TF-IDF."""

    challenger: Standing
    champion: Standing | None
    tfidf: Standing
    commonest: Standing
    lead: Interval
    per_label: Mapping[str, Row]
    against: Against | None

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Of each label: texts that were given it rightly, and texts that have it."""
        return {label: (row.hits, row.support) for label, row in self.per_label.items()}


def standings(case: Case) -> Standings:
    """The scores of a case, counted from the cells that each contestant answered."""
    target = cast(LabelSets, case.spec.target)  # the kind chose these measures
    cells = {who: answers.cells for who, answers in case.answers.items()}
    truth, found = target.matrix(case.test["label"].tolist()), {who: target.matrix(one) for who, one in cells.items()}
    learnt = case.train[case.train["origin"] == SOURCE]
    known = target.matrix(learnt["label"].tolist())
    simple = set_baselines.tfidf(learnt["text"].tolist(), known, case.test["text"].tolist())
    common = set_baselines.commonest(learnt["label"].tolist(), len(truth), target)
    return stood(truth, found, simple, common, target.labels, writers(case.test))


def stood(
    truth: Sets,
    found: Mapping[str, Sets],
    simple: Sets,
    common: Sets,
    labels: tuple[str, ...],
    customers: list[str] | None,
) -> Standings:
    """Judge `found["challenger"]`, and `found["champion"]` if there is one, against the truth, `(texts, labels)`."""
    resampled, challenger, champion = Resampled(truth, customers), found[CHALLENGER], found.get(CHAMPION)

    def standing(answered: Sets) -> Standing:
        return Standing(*(resampled.interval(score, answered) for score in (macro_f1, micro_f1, accuracy)))

    return Standings(
        challenger=standing(challenger),
        champion=None if champion is None else standing(champion),
        tfidf=standing(simple),
        commonest=standing(common),
        lead=resampled.difference(macro_f1, challenger, simple),
        per_label={label: _row(truth[:, place], challenger[:, place]) for place, label in enumerate(labels)},
        against=None if champion is None else _against(truth, challenger, champion, labels, resampled),
    )


def _row(truth: Sets, answered: Sets) -> Row:
    return Row(int(truth.sum()), int((truth & answered).sum()), int(answered.sum()))


def _against(truth: Sets, challenger: Sets, champion: Sets, labels: tuple[str, ...], resampled: Resampled) -> Against:
    right, before = (truth == challenger), (truth == champion)
    whole = paired(right.all(1).tolist(), before.all(1).tolist())
    return Against(
        macro_f1=resampled.difference(macro_f1, challenger, champion),
        whole=whole.pairs,
        labels={label: _pairs(right[:, place], before[:, place]) for place, label in enumerate(labels)},
        found={
            label: _pairs(right[truth[:, place], place], before[truth[:, place], place])
            for place, label in enumerate(labels)
        },
        lost=whole.lost,
    )


def _pairs(right: Sets, before: Sets) -> Pairs:
    return paired(right.tolist(), before.tolist()).pairs
