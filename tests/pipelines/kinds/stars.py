"""A kind for tests, whose answers have no label: the number of stars, from 0 to 1, that a message would give."""

import json
import sys
from typing import Literal

import numpy as np
import torch
from sklearn.linear_model import Ridge

from pipelines.catalog.gate import AnyGate
from pipelines.evaluation.measure import floor
from pipelines.kinds import wire
from pipelines.kinds.kind import Answer, Kind
from pipelines.kinds.objective import CheckResult
from pipelines.kinds.report import WeakAnswers
from pipelines.kinds.suite import ExpectationSpec
from pipelines.kinds.target import Target
from pipelines.statistics.bootstrap import Interval

NEAR = 0.25  # the largest difference of a right answer


class Stars(Target):
    """A number from 0 to 1; a cell has two decimals."""

    kind: Literal["stars"] = "stars"

    def read(self, written):
        try:
            return f"{float(written):.2f}" if 0 <= float(written) <= 1 else None
        except (TypeError, ValueError):
            return None

    @property
    def expected(self):
        return "numbers from 0 to 1"

    @property
    def identity(self):
        return {"kind": self.kind}

    def card(self):
        return {}

    @classmethod
    def of_card(cls, card):
        return cls()


class StarsGate(AnyGate):
    """A gate with one threshold: the share of answers that are near."""

    near: float = 0.5


class Number(Kind):
    """A kind whose parts are all in this module."""

    def _part(self, name):
        return sys.modules[__name__]


KIND = Number("stars", __name__)
TARGET, GATE = Stars, StarsGate
FIGURES = {"near": "near answers"}
CAPTIONS = {}


def width(_target):
    return 1


def encode(cells, _target):
    return torch.tensor([[float(cell)] for cell in cells])


def losses(logits, targets, _smoothing):
    return ((logits - targets) ** 2).mean(1)


def groups(targets):
    return (targets[:, 0] * 100).long()


def init_head(head, embeddings, targets, weights):
    ridge = Ridge(1.0).fit(embeddings, targets[:, 0].numpy(), sample_weight=weights)
    with torch.no_grad():
        head.weight.copy_(torch.tensor(ridge.coef_[None], dtype=head.weight.dtype))
        head.bias.fill_(float(ridge.intercept_))


def check(logits, targets):
    right = np.abs(logits[:, 0] - targets[:, 0].numpy()) < NEAR
    return CheckResult(right, float(right.mean()), float(right.mean()))


def fit(_logits, _cells, _card):
    return {}


def scores(cells, answers, _target):
    given = np.array([float(cell) for cell in cells])
    told = np.array([json.loads(answer)["stars"] for answer in answers])
    return {"near": float((np.abs(given - told) < NEAR).mean())}


class Reader:
    """The number from the network, clipped to its bounds."""

    width = 1

    def calibrate(self, logits):
        return np.clip(logits, 0, 1)

    def answer(self, row):
        return Answer("stars", {"stars": round(float(row[0]), 2)})


def reader(_card):
    return Reader()


class Answered(wire.Answered):
    id: str
    stars: float


def prediction_body(prediction, _target, why=None):
    del why
    return Answered(id=prediction.id, stars=prediction.payload["stars"])


def row(prediction, target):
    return prediction_body(prediction, target)


def to_cell(named, _target):
    return named.label


def empty_cell(_target):
    return None


def margin(_payload):
    return 0.0


def columns():
    return ()


def derive(_rows, _target, _least, _before):
    return {}


def expectations(_target, _least, _before):
    return [ExpectationSpec("ExpectColumnValuesToMatchRegex", {"column": "label", "regex": r"^[01]\.\d\d$"})]


def shares(_cells, _target):
    return {"all": 1.0}


def near(case):
    """The only measure of this kind."""
    answers = case.answers["challenger"].cells
    yield floor("test.near", scores(case.test["label"], answers, None)["near"], case.gate.near, "near answers", "near")


MEASURES = (near,)


def contestants(card):
    return {"challenger": {"near answers": Interval(card.measure("test.near").value, 0.0, 1.0)}}


def parts(_card):
    return []


def weak_answers(_card):
    return WeakAnswers()


def data_warnings(_card):
    return []


def pictures(_card, _folder):
    return []


def tables(_case):
    return {}
