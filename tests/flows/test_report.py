"""Outcomes on the command line: each kind of model shows its own figures."""

from types import SimpleNamespace

import pytest
from rich.console import Console

from flows.commands.report import outcome_tables
from pipelines.evaluation.measure import to_plain
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find_kind
from pipelines.kinds.multilabel.evaluation.set_scores import ATTACHED
from pipelines.statistics.bootstrap import Interval
from tests.pipelines.kinds.multilabel import TARGET

EVEN = to_plain(Interval(0.5, 0.4, 0.6))
SCORES = {"macro_f1": EVEN, "micro_f1": EVEN, "accuracy": EVEN}
SETS = {
    "challenger": SCORES,
    "champion": None,
    "tfidf": SCORES,
    "commonest": SCORES,
    "lead": EVEN,
    "per_label": {},
    "against": None,
}
ONE = {"challenger": SCORES, "champion": None, "majority": SCORES, "tfidf": SCORES, "against": None, "lead": EVEN}
ONE |= {"labels": ["a", "b"], "per_label": {}, "confusion": []}


def outcome(model, target, attached):
    version = SimpleNamespace(version=1, rows=10, target=target)
    return SimpleNamespace(
        model=model,
        version=version,
        card=Scorecard(10, (), attached),
        verdict="promoted",
        reason="",
        set_aside="",
        seconds=1.0,
    )


LABELS = find_kind("classification").target.of_card({"labels": ["a", "b"]})


@pytest.mark.parametrize(
    ("one", "heads", "who"),
    [
        (outcome("topics", LABELS, ONE), ["macro-F1", "accuracy"], ["challenger", "TF-IDF", "majority"]),
        (
            outcome("needs", TARGET, {ATTACHED: SETS}),
            ["macro-F1", "micro-F1", "exact sets"],
            ["challenger", "TF-IDF", "commonest"],
        ),
    ],
    ids=["classification", "multilabel"],
)
def test_a_table_has_the_figures_of_its_kind(one, heads, who, capsys):
    (table,) = outcome_tables([one])
    assert [column.header for column in table.columns][2:-1] == heads
    Console(width=80).print(table)
    shown = capsys.readouterr().out
    assert [name for name in who if name not in shown] == []
    assert shown.count("0.400-0.600") == len(heads) * len(who)


def test_kinds_with_other_figures_have_tables_of_their_own():
    several = [outcome("topics", LABELS, ONE), outcome("needs", TARGET, {ATTACHED: SETS}), outcome("more", LABELS, ONE)]
    assert [table.row_count for table in outcome_tables(several)] == [2, 1]
