"""A complete lineage, made by hand."""

from dataclasses import replace

import pytest

from pipelines.card.lineage import DataChecks, Lineage
from pipelines.catalog.gate import Gate
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.package_parity import Agreement
from pipelines.evaluation.recent_feedback import RecentScores
from pipelines.evaluation.serving_cost import ServingCost
from pipelines.evaluation.slices import SliceScore
from pipelines.kinds.classification.evaluation.doubts import DataWarnings
from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.label_comparison import Comparison
from pipelines.kinds.classification.evaluation.label_scores import Scores, ScoreTable
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs
from tests.pipelines.ledger.made import entry as made
from tests.pipelines.promotion.evidence import measured


def exactly(value):
    return Interval(value, value - 0.01, value + 0.01)


def standing(value):
    return Scores(exactly(value), exactly(value + 0.02))


GATE = Gate(min_macro_f1=0.75, min_accuracy=0.7, margin=0.02, min_gain_over_baseline=0.05)


@pytest.fixture
def scorecard():
    found = ScoreTable(
        labels=("negative", "neutral", "positive"),
        challenger=standing(0.80),
        champion=standing(0.79),
        majority=standing(0.25),
        tfidf=standing(0.72),
        against=Comparison(exactly(0.01), Pairs(40, 31), {}, tuple(range(31))),
        lead=exactly(0.08),
        per_label={
            "negative": {"precision": 0.9, "recall": 0.91, "f1": 0.905, "support": 1800.0},
            "neutral": {"precision": 0.66, "recall": 0.64, "f1": 0.651, "support": 590.0},
            "positive": {"precision": 0.8, "recall": 0.81, "f1": 0.805, "support": 12.0},
        },
        confusion=((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        known=("negative", "neutral", "positive"),
    )
    shown = {
        "agreement": Agreement(500, 3),
        "trust": Calibration(0.031, 0.27, (), 0.042, 0.28),
        "scope": OutOfScopeScores(300, 0.612, 0.74, 0.88, 0.95),
        "burden": ServingCost(9.5, 23_000_000, 9.1, 22_900_000),
        "slices": (
            SliceScore("airline united", 700, 560, 555, True, 0.5, False),
            SliceScore("language es", 4, 1, 1, False, 0.0, False),
        ),
        "behaviour": (
            Capability("typos", "invariance", 60, 9, ("'late' -> 'ltae': negative -> neutral",)),
            Capability("plain", "minimum functionality", 30, 0),
        ),
        "fairness": Fairness((Group("names women", 80, 2), Group("names men", 80, 4)), 0.91, "neutral"),
        "harmful": (),
        "doubts": DataWarnings(0, 123),
        "recent": RecentScores(80, 64, True, 1201, None),
    }
    return replace(measured(2850, found, shown, GATE), test_set_evaluations=7)


@pytest.fixture
def entry():
    return made(
        "promote",
        "sentiment",
        3,
        location="/home/artifacts/sentiment/models/m-1/artifacts/artifacts/package",
        digest="d" * 64,
        data="5" * 64,
        gate="a" * 64,
        reasons=("macro-F1 0.800 reaches the floor 0.750", "no worse than the champion"),
        champion=2,
        feedback=1310,
        evidence={"/home/evidence/sentiment/e.json": "e" * 64},
        by="jo@host",
        time="2026-03-01T10:00:00.000+00:00",
    )


@pytest.fixture
def lineage(scorecard, entry):
    return Lineage(
        model="sentiment",
        version=3,
        champion=3,
        labels=tuple(scorecard.attachments["labels"]),
        run="15059953a9884933820b15254eead62a",
        snapshot="5" * 64,
        feedback=1310,
        parameters={
            "kind": "classification",
            "language": "en",
            "base": "minilm",
            "source": "airline:",
            "rows": "3783",
            "feedback": "2522",
            "recipe.epochs": "3",
            "recipe.head_rate": "0.01",
        },
        figures={
            "cost.seconds": 54.2,
            "cost.cpu_seconds": 101.0,
            "cost.gpu_seconds": 0.0,
            "cost.memory": 2.1e9,
            "cost.gpu_memory": 0.0,
            "serve.bytes": 23_000_000.0,
        },
        entries=(entry,),
        scorecard=scorecard,
        flips=tuple((f"my bag is late {number}", "negative", "neutral") for number in range(10)),
        checked=DataChecks(
            25, (), "../../docs/validations/sentiment/page.html", "docs/validations/sentiment/page.html"
        ),
    )


@pytest.fixture
def unjudged(lineage):
    return replace(lineage, entries=(), scorecard=None, flips=None, faults=("it was never judged",))
