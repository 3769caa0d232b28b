"""Every form of reason that the code can produce, from real evidence: sound, bad and missing."""

import ast
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

from pipelines.catalog.gate import Gate, Slice
from pipelines.catalog.recipe import Recipe
from pipelines.evaluation import measure as measure_module
from pipelines.evaluation.behaviour.capability import OFF_TOPIC, Capability
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.leakage import leakage_measure
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.model_answers import Answers
from pipelines.evaluation.package_parity import Agreement
from pipelines.evaluation.recent_feedback import RecentScores
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.serving_cost import ServingCost
from pipelines.evaluation.slices import SliceScore
from pipelines.evaluation.truncated_texts import truncation_measure
from pipelines.kinds.classification.evaluation.doubts import DataWarnings
from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel.evaluation import set_confidence, set_quality, set_superiority
from pipelines.kinds.multilabel.evaluation.set_scores import ChampionComparison, LabelCounts, SetScores, SetScoreTable
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.promotion.decision import decide
from pipelines.promotion.guards import GUARDS, Arms, harm
from pipelines.promotion.sequential import BernoulliCount
from pipelines.statistics.significance import Pairs
from tests.pipelines.promotion.evidence import SOUND, against, card, exactly, measured

PACKAGES = Path(measure_module.__file__).parents[1]
# Functions of `pipelines.evaluation.measure` that take the words of a reason; so does every call with `wording=`.
MAKERS = {"ceiling", "floor", "missing_evidence", "missing_measure", "none_allowed"}
GATE = Gate(
    min_macro_f1=0.7,
    min_accuracy=0.7,
    margin=0.02,
    min_gain_over_baseline=0.02,
    min_oos_recall=0.5,
    max_failure_rates={"negation": 0.1},
)
SUPERIOR = GATE.model_copy(update={"hypothesis": "superior"})
BAD = {
    "agreement": Agreement(100, 90),
    "trust": Calibration(0.5, 0.9, ()),
    "scope": OutOfScopeScores(100, 0.4, 0.1, 0.5, 0.2),
    "burden": ServingCost(900.0, 2_000_000_000, 5.0, 20_000_000),
    "slices": (
        SliceScore("length short", 100, 1, 99, True, 0.9, False),
        SliceScore("need x", 3, 1, 1, False, 0.1, True),
    ),
    "behaviour": (Capability("typos", "invariance", 60, 59), Capability(OFF_TOPIC, "minimum functionality", 60, 59)),
    "fairness": Fairness((Group("names women", 80, 79),), 0.1, "a"),
    "harmful": ("idiot",),
    "doubts": DataWarnings(7, 3),
    "recent": RecentScores(100, 1, enough=True, since=0, against=SimpleNamespace(pairs=Pairs(0, 50))),
}
MISSING = dict.fromkeys(SOUND)
LABELS = LabelSets(labels=("a", "b"))


def label_cards():
    """Evidence of models with one label per text: rows, scores, and all other measures."""
    bad = {"parts": BAD, "macro_f1": 0.1, "accuracy": 0.1, "lead": -0.1}
    yield from (card(), card(champion=against(0.1, 0.05, 0.2)), card(champion=against(0.0, -0.01, 0.01)), card(**bad))
    yield card(**bad, champion=against(-0.2, -0.3, -0.1, 0, 300, a=Pairs(0, 40)), a=0.0, b=0.02)
    yield from (card(rows=0), card(macro_f1=float("nan"), parts=MISSING), card(table={"known": ("a", "c")}))
    yield card(table={"labels": ("a", "b", "c"), "known": ("a", "b", "c")})
    yield from (card(table={"per_label": {}}), card(table={"champion": card()[1].challenger}))
    yield card(champion=against(0.0, -0.01, 0.01), table={"per_label": {"z": {"recall": 1.0, "support": 9.0}}})


def set_tables():
    """Scores of models with several labels: with and without a champion."""
    low, high = (SetScores(*[exactly(value)] * 3) for value in (0.1, 0.9))
    counts = {"a": LabelCounts(100, 0, 9), "b": LabelCounts(100, 2, 9)}
    pairs = {"a": Pairs(0, 40), "b": Pairs(0, 40)}
    worse = ChampionComparison(exactly(-0.2), Pairs(0, 300), pairs, pairs, ())
    yield SetScoreTable(low, None, high, high, exactly(-0.1), counts, None)
    yield SetScoreTable(low, high, high, high, exactly(-0.1), counts, worse)


def set_measures(folder):
    """Measures of models with several labels."""
    (folder / "package.json").write_text(json.dumps({"kind": "multilabel", "labels": ["x"], "separator": ";"}))
    answer = Answer("multilabel", {"a": 0.9, "b": 0.9}, "a;b", 0.9)
    for target, scores in [(LABELS, table) for table in set_tables()] + [(LabelSets(labels=("a", "c")), None)]:
        spec = SimpleNamespace(target=target, kind="multilabel")
        case = SimpleNamespace(
            spec=spec,
            gate=GATE,
            test=FRAME,
            answers={"challenger": Answers(LABELS, [answer] * len(FRAME["label"]))},
            service=SimpleNamespace(packages={"challenger": folder}),
            shared=lambda _make, scores=scores: scores,
        )
        yield from (*set_quality.premise_measures(case), *set_confidence.measure_calibration(case))
        yield from set_confidence.measure_scope(case)
        if scores:
            yield from (*set_quality.floor_measures(scores, GATE), *set_quality.measure_baselines(case))
            yield from set_superiority.measure_superiority(case)


class Frame(dict):
    """Test texts without right answers."""

    def __len__(self):
        return len(self["label"])


class Column(list):
    """A column of a frame."""

    tolist = list.copy


FRAME = Frame(label=Column([";"] * 4))


def measures(folder):
    """Every measure of every kind, and measures whose sentence follows from the figures alone."""
    for evidence in label_cards():
        for gate in (GATE, SUPERIOR):
            yield from measured(*evidence, gate).measures
    yield from set_measures(folder)
    yield leakage_measure(3)
    for tokens, truncation in ((128, "head"), (512, "head"), (128, "head_tail"), (512, "head_tail")):
        yield truncation_measure(20, 100, Recipe(max_tokens=tokens, truncation=truncation))
    for direction in ("at most", "at least"):
        yield from (Measure("x.y", value, limit=0.5, direction=direction) for value in (0.4, 0.6, None))


def decisions():
    """Decisions whose reasons `decide` itself adds."""
    yield decide(Scorecard(9), GATE)
    yield decide(Scorecard(9), GATE.model_copy(update={"min_recall": None, "max_failure_rates": {"typos": None}}))
    whole = {"gate": GATE.model_dump(mode="json")}
    yield decide(Scorecard(9, (), whole), GATE, (Slice(by="length", value="short"),))


def guard_reasons():
    """Reasons of aborted canaries."""
    bad = Arms(BernoulliCount(200, 190), BernoulliCount(200, 0))
    return harm({guard.name: bad for guard in GUARDS})


def sentences(folder):
    """All reasons, sorted."""
    found = {one.reason for one in measures(folder)}
    found |= {reason for decision in decisions() for reason in decision.reasons}
    return sorted({*found, *guard_reasons()} - {""})


def makers():
    """The places that make a reason: file, first and last line of each call with the words of a reason."""
    for file in [*PACKAGES.glob("evaluation/**/*.py"), *PACKAGES.glob("kinds/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _takes_words(node):
                yield str(file), node.lineno, node.end_lineno or node.lineno


def _takes_words(call):
    return getattr(call.func, "id", "") in MAKERS or any(keyword.arg == "wording" for keyword in call.keywords)


def executed(make):
    """The lines (file, number) of the two packages that a call executes."""
    lines, parts = set(), tuple(f"{PACKAGES / name}/" for name in ("evaluation", "kinds"))

    def trace(frame, event, _argument):
        if not frame.f_code.co_filename.startswith(parts):
            return None
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        make()
    finally:
        sys.settrace(before)
    return lines


def templates(module, *raised):
    """Sentences that a module yields, returns as its only reason, or raises, with 7 in place of every value."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        parts = []
        if isinstance(node, ast.Tuple) and len(node.elts) == 1:
            parts = node.elts
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in raised:
            parts = node.args[:1]
        elif isinstance(node, ast.Yield | ast.GeneratorExp):
            parts = [node.value if isinstance(node, ast.Yield) else node.elt]
        rendered = (_rendered(part) for part in parts if isinstance(part, ast.JoinedStr))
        yield from (text for text in rendered if re.search("[a-z]{2} ", text))  # an option is no sentence


def _rendered(template):
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in template.values)
