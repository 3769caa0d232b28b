"""Scores of challenger, champion and two baselines with label sets, on the same held-out texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.customers import text_customers
from pipelines.evaluation.paired import pair_answers
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.labelled.label_counts import macro_f1, micro_f1
from pipelines.kinds.multilabel import baseline
from pipelines.kinds.multilabel.evaluation.set_resamples import ResampledSets, accuracy
from pipelines.kinds.multilabel.set_metrics import Sets
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs

ATTACHED = "sets"  # name of the attachment with the ScoreTable


@dataclass(frozen=True)
class SetScores:
    """The scores of one contestant: `accuracy` is the share of texts with exactly their labels."""

    macro_f1: Interval
    micro_f1: Interval
    accuracy: Interval


@dataclass(frozen=True)
class LabelCounts:
    """Counts of one label: texts with it (`support`), of those answered with it (`hits`), and all answered with it."""

    support: int
    hits: int
    answered: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if the label neither occurs nor is answered."""
        total = self.support + self.answered
        return 2 * self.hits / total if total else 0.0


@dataclass(frozen=True)
class ChampionComparison:
    """Gain in macro-F1 over the champion on the same texts, and pairs of right answers.

    `whole` pairs exact sets, `labels` right decisions on a label, `found` the same on texts with the label; `lost` has
    the positions of the regressions.
    """

    macro_f1: Interval
    whole: Pairs
    labels: Mapping[str, Pairs]
    found: Mapping[str, Pairs]
    lost: tuple[int, ...]


@dataclass(frozen=True)
class SetScoreTable:
    """The scores of all contestants; `lead` is the gain in macro-F1 over TF-IDF."""

    challenger: SetScores
    champion: SetScores | None
    tfidf: SetScores
    commonest: SetScores
    lead: Interval
    per_label: Mapping[str, LabelCounts]
    against: ChampionComparison | None

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Numbers of right answers and of texts, by label."""
        return {label: (row.hits, row.support) for label, row in self.per_label.items()}


def score_table(case: Case) -> SetScoreTable:
    """Score the contestants of a case by the cells of their answers."""
    target = cast(LabelSets, case.spec.target)  # the kind chose these measures
    answers = {role: target.matrix(answers.cells) for role, answers in case.answers.items()}
    truth = target.matrix(case.test["label"].tolist())
    learnt = case.train[case.train["origin"] == SOURCE]
    known = target.matrix(learnt["label"].tolist())
    tfidf_sets = baseline.tfidf(learnt["text"].tolist(), known, case.test["text"].tolist())
    commonest_sets = baseline.commonest(learnt["label"].tolist(), len(truth), target)
    return build_score_table(truth, answers, tfidf_sets, commonest_sets, target.labels, text_customers(case.test))


def build_score_table(
    truth: Sets,
    answers: Mapping[str, Sets],
    tfidf_sets: Sets,
    commonest_sets: Sets,
    labels: tuple[str, ...],
    customers: list[str] | None,
) -> SetScoreTable:
    """Score `answers["challenger"]`, and `answers["champion"]` if present, against the truth, `(texts, labels)`."""
    resampled, challenger, champion = ResampledSets(truth, customers), answers[CHALLENGER], answers.get(CHAMPION)

    def scores(answered: Sets) -> SetScores:
        return SetScores(*(resampled.interval(score, answered) for score in (macro_f1, micro_f1, accuracy)))

    return SetScoreTable(
        challenger=scores(challenger),
        champion=None if champion is None else scores(champion),
        tfidf=scores(tfidf_sets),
        commonest=scores(commonest_sets),
        lead=resampled.difference(macro_f1, challenger, tfidf_sets),
        per_label={label: _count(truth[:, index], challenger[:, index]) for index, label in enumerate(labels)},
        against=None if champion is None else _compare(truth, challenger, champion, labels, resampled),
    )


def _count(truth: Sets, answered: Sets) -> LabelCounts:
    return LabelCounts(int(truth.sum()), int((truth & answered).sum()), int(answered.sum()))


def _compare(
    truth: Sets, challenger: Sets, champion: Sets, labels: tuple[str, ...], resampled: ResampledSets
) -> ChampionComparison:
    right, before = (truth == challenger), (truth == champion)
    whole = pair_answers(right.all(1).tolist(), before.all(1).tolist())
    return ChampionComparison(
        macro_f1=resampled.difference(macro_f1, challenger, champion),
        whole=whole.pairs,
        labels={label: _pairs(right[:, index], before[:, index]) for index, label in enumerate(labels)},
        found={
            label: _pairs(right[truth[:, index], index], before[truth[:, index], index])
            for index, label in enumerate(labels)
        },
        lost=whole.lost,
    )


def _pairs(right: Sets, before: Sets) -> Pairs:
    return pair_answers(right.tolist(), before.tolist()).pairs
