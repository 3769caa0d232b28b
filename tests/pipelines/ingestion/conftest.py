import csv
import random

import pytest

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.workspace.settings import Settings

SUBJECTS = (
    "flight",
    "seat",
    "agent",
    "baggage",
    "gate",
    "refund",
    "pilot",
    "cabin",
    "coffee",
    "website",
    "lounge",
    "taxi",
)
PLACES = ("Boston", "Denver", "Oslo", "Lima", "Cairo", "Delhi", "Perth", "Quito", "Minsk", "Turin", "Lagos", "Kyoto")
MOODS = ("lovely", "broken", "friendly", "lost", "early", "quick", "dirty", "cold", "loud", "helpful", "rude", "empty")
WORDS = (*SUBJECTS, *PLACES, *MOODS)
LABELS = ("good", "bad")


def written(count, seed=0):
    """Distinct messages with labels, none near another."""
    chance = random.Random(seed)
    return [(" ".join(chance.sample(WORDS, 9)), LABELS[number % 2]) for number in range(count)]


@pytest.fixture
def messages():
    return written


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def declare():
    """A declaration of a source; keyword arguments are its other fields."""

    def declared(uri, *, name="moods", traffic=0.0, **source):
        gate = Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.05, min_gain_over_baseline=0.0)
        return ModelSpec(
            name=name, labels=LABELS, source=Source(uri=str(uri), **source), replay_share=traffic, gate=gate
        )

    return declared


@pytest.fixture
def table(tmp_path):
    """Write rows as a CSV with the columns text and label."""

    def write(rows, name="messages.csv", header=("text", "label")):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return tmp_path / name

    return write
