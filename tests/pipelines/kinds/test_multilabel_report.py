"""The report of a model with several labels: scores, labels, and rows that people should review."""

import pytest

from pipelines.card.card import card
from pipelines.card.lineage import Lineage
from pipelines.evaluation.case import CHALLENGER
from pipelines.evaluation.measure import Measure, to_plain
from pipelines.evaluation.paired import Paired
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find_kind
from pipelines.kinds.multilabel.evaluation.set_scores import (
    ATTACHED,
    ChampionComparison,
    LabelCounts,
    SetScores,
    SetScoreTable,
)
from pipelines.kinds.report import table
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs

REPORT = find_kind("multilabel").report


def exactly(value):
    return Interval(value, value - 0.01, value + 0.01)


def scorecard(champion=True):
    standing, pairs = SetScores(exactly(0.7), exactly(0.75), exactly(0.6)), Pairs(9, 4)
    found = SetScoreTable(
        challenger=standing,
        champion=standing if champion else None,
        tfidf=SetScores(exactly(0.5), exactly(0.55), exactly(0.4)),
        commonest=SetScores(exactly(0.2), exactly(0.3), exactly(0.1)),
        lead=exactly(0.2),
        per_label={"delay": LabelCounts(60, 40, 70), "staff": LabelCounts(50, 45, 50), "seat": LabelCounts(4, 1, 2)},
        against=ChampionComparison(exactly(0.02), pairs, {}, {}, (1, 2, 3, 8)) if champion else None,
    )
    attached = {ATTACHED: found, "against": Paired(pairs, (1, 2, 3, 8)) if champion else None, "recent": None}
    measures = (Measure("test.accuracy", 0.6), Measure("doubts.leaks", 2))
    return Scorecard(900, measures, {name: to_plain(value) for name, value in attached.items()})


@pytest.mark.parametrize(("champion", "who"), [(True, 4), (False, 3)])
def test_everybody_has_three_figures(champion, who):
    rows = table(REPORT.contestants(scorecard(champion)))
    assert len(rows) == who
    assert rows[0] == {
        "who": CHALLENGER,
        "macro-F1": "0.700 [0.690, 0.710]",
        "micro-F1": "0.750 [0.740, 0.760]",
        "exact sets": "0.600 [0.590, 0.610]",
    }


def test_a_card_says_scores_labels_flips_and_doubts():
    told = card(Lineage("needs", 2, 1, kind="multilabel", scorecard=scorecard()))
    for said in (
        "| challenger | 0.700 \\[0.690, 0.710\\] | 0.750",
        "- macro-F1 over TF-IDF: 0.200",
        "- macro-F1 over the champion: 0.020",
        "| delay | 60 | 40 | 70 | 0.615 |",
        "- label delay: F1 0.615 on 60 texts",
        "- too few texts to say: seat",
        "- 4 of 900 texts were right and are wrong now (negative flips)",
        "- 2 train texts are nearly held-out texts",
    ):
        assert said in told


def test_a_scorecard_of_another_kind_shows_nothing():
    assert REPORT.contestants(Scorecard(1)) == {}
    assert REPORT.parts(Scorecard(1)) == []
    assert REPORT.weak_answers(Scorecard(1)).worst == ()


def test_what_was_lost_is_in_the_scorecard_by_its_places():
    assert list(scorecard().regressions) == [1, 2, 3, 8]
    assert list(scorecard(champion=False).regressions) == []
