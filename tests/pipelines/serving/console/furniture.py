"""A home with content for the console: three judged versions with evidence and pictures, and answered messages."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.evaluation.slices import SliceScore
from pipelines.inference.artefact import package_digest
from pipelines.ingestion import snapshot
from pipelines.ingestion.text import digest
from pipelines.kinds.classification.evaluation.confusion_plot import confusion_picture, reliability_picture
from pipelines.kinds.classification.evaluation.label_calibration import Calibration, ReliabilityBin
from pipelines.kinds.classification.evaluation.label_comparison import Comparison
from pipelines.kinds.classification.evaluation.label_scores import Scores, ScoreTable, read_score_table
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.evidence import save_evidence
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.ledger import made
from tests.pipelines.promotion.evidence import SOUND, measured
from tests.pipelines.serving.conftest import LABELS, write_package

# Answers to the held-out texts, by version: 2 loses the first and gains the third.
HELD_OUT = ("so late again", "what a good crew", "bad food", "so so")
TRUTH = ("neutral", "positive", "negative", "neutral")
ANSWERS = {
    1: ("neutral", "positive", "neutral", "neutral"),
    2: ("negative", "positive", "negative", "neutral"),
    3: ("neutral", "positive", "negative", "negative"),
}


GATE = Gate(min_macro_f1=0.70, min_accuracy=0.7, margin=0.02, min_gain_over_baseline=0.02)
TRUST = Calibration(0.021, 0.24, tuple(ReliabilityBin(0.2, sure / 10, sure / 10 - 0.03) for sure in (3, 5, 7, 8, 9)))


def interval(value):
    return Interval(value, round(value - 0.02, 3), round(value + 0.02, 3))


def scored(version, champion):
    """A scorecard; a higher version has better scores."""
    standing = Scores(interval(0.7 + version / 50), interval(0.75 + version / 50))
    against = Comparison(Interval(0.02, -0.01, 0.05), Pairs(1, 1), {label: Pairs(0, 0) for label in LABELS}, (0,))
    found = ScoreTable(
        labels=LABELS,
        challenger=standing,
        champion=replace(standing, macro_f1=interval(0.7 + champion / 50)) if champion else None,
        majority=Scores(interval(0.26), interval(0.63)),
        tfidf=Scores(interval(0.72), interval(0.8)),
        against=against if champion else None,
        lead=interval(0.07),
        per_label={
            label: {"precision": 0.8 + n / 30, "recall": 0.75 + n / 30, "f1": 0.78 + n / 30, "support": 900.0 - 200 * n}
            for n, label in enumerate(LABELS)
        },
        confusion=((1600, 180, 60), (190, 380, 80), (40, 70, 328)),
        known=LABELS,
    )
    slices = (SliceScore("airline united", 720, 612, 604, True, 0.5, False),)
    shown = SOUND | {"trust": TRUST, "slices": slices}
    return replace(measured(2928, found, shown, GATE), test_set_evaluations=version)


# A picture takes most of the time here.
@cache
def _confusion(version):
    return _drawn(lambda file: confusion_picture(read_score_table(scored(version, None)), file))


@cache
def _reliability():
    return _drawn(lambda file: reliability_picture(TRUST, file))


def _drawn(draw):
    with TemporaryDirectory() as folder:
        return draw(Path(folder) / "picture.png").read_bytes()


def decide(home, version, event, reasons, champion=None, model="sentiment", **more):
    """A decision on evidence, with its pictures."""
    folder = home / "packages" / model / str(version)
    if not folder.exists():
        write_package(folder, model=model)
    keys = [digest(text) for text in HELD_OUT]
    test = snapshot.write(pd.DataFrame({"key": keys, "text": HELD_OUT, "label": TRUTH}), f"{home}/snapshots/{model}")
    said = {"challenger": ANSWERS[version]} | ({"champion": ANSWERS[champion]} if champion else {})
    card, answers = scored(version, champion), pd.DataFrame({"key": keys, "label": TRUTH, "sure": 0.9, **said})
    package = {"location": str(folder), "digest": package_digest(folder)}
    told = {
        "reasons": reasons,
        "champion": champion,
        "evidence": save_evidence(card, (answers,), (test,), f"{home}/evidence/{model}"),
    }
    written = Ledger(home / "ledger.jsonl").append(made.event(event, model, version, **package, **told, **more))
    pictures = home / "scorecards" / model / str(version)
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / "confusion.png").write_bytes(_confusion(version))
    (pictures / "reliability.png").write_bytes(_reliability())
    if version > 1:  # the first version is older than model cards
        card = home / "cards" / model / f"{version}.html"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(f"<h1>{model} {version}</h1>", encoding="utf-8")
    return written


def decided(home):
    """Version 1 promoted, 2 refused, 3 promoted."""
    decide(home, 1, "promote", ("macro-F1 0.720 reaches the floor 0.700",), feedback=0)
    decide(home, 2, "refuse", ("worse than the champion on neutral (29 lost, 10 gained)",), champion=1, feedback=40)
    decide(home, 3, "promote", ("no worse than the champion: macro-F1 +0.020 [-0.010, +0.050]",), 1, feedback=80)


WORDS = {
    "negative": ("bad flight, still no bag", "so bad that I cry", "two hours on hold, bad service @united"),
    "neutral": ("so when does boarding start", "so is my seat confirmed <BOOKING>", "so can I bring a guitar"),
    "positive": ("good crew, thank you", "what a good flight", "good job, write me at <EMAIL>"),
}


def answered(home, count=60, model="sentiment", seed=1):
    """Store so many answered messages, newest last, a minute apart; returns their ids."""
    draw, made, now = random.Random(seed), [], datetime.now(UTC)
    for number in range(count):
        label = draw.choice(LABELS)
        text = f"{draw.choice(WORDS[label])} ({number})"
        first = round(draw.uniform(0.4, 0.98), 3)
        second = min(first, round((1 - first) * draw.uniform(0.55, 0.95), 3))
        others = [one for one in LABELS if one != label]
        scores = {label: first, others[0]: second, others[1]: round(1 - first - second, 3)}
        at, unsure = now - timedelta(minutes=count - number), first < 0.5
        key = digest(text)
        made.append(Prediction(model, 3, key, text, label, first, scores, time=at, abstained=unsure))
    Store(f"sqlite:///{home / 'needloop.db'}").record(made)
    return [one.id for one in made]


def furnished(home):
    """Decisions, messages and two feedback rows; returns the ids of the messages, oldest first."""
    decided(home)
    ids = answered(home)
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    store.add(Feedback(ids[-2], label="positive", rating=4, comment="as <NAME> said"))
    store.add(Feedback(ids[-3], correct=True, rating=5))
    (home / "audit.json").write_text(json.dumps({"time": "2026-01-01T00:00:00+00:00", "differences": []}))
    return ids
