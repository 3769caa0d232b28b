"""A model simple enough to predict by hand: it counts words of each label, and a rule may override the count."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.evaluation.model_answers import Answers, Ask
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Answer
from tests.conftest import ENDINGS, SUBJECTS

WORDS = {
    "baggage": ("bag", "suitcase", "luggage", "箱子"),
    "delay": ("late", "tarmac", "delayed", "departure", "晚点"),
    "praise": ("thank", "great", "lovely", "kind", "谢谢"),
}
HAN = {
    "baggage": ("我的箱子不见了", "箱子在哪里", "行李箱子坏了"),
    "delay": ("航班又晚点了", "晚点三个小时", "为什么总是晚点"),
    "praise": ("谢谢你们的帮助", "太好了谢谢", "谢谢机组人员"),
}
HAN_ENDINGS = ("请回复", "在上海", "今天早上", "真的", "我妈妈的", "第二次了")
LABELS = tuple(WORDS)

Rule = Callable[[str], str | None]


def answers(labels: Sequence[str], scores: np.ndarray) -> Answers:
    """Answers with these labels and `(texts, LABELS)` probabilities."""
    target, sure = Labels(labels=LABELS), scores.max(1) if len(labels) else []
    rows = [dict(zip(LABELS, row, strict=True)) for row in scores]
    said = [Answer("classification", row, label, one) for row, label, one in zip(rows, labels, sure, strict=True)]
    return Answers(target, said)


def voter(rule: Rule = lambda text: None, weight: float = 5.0) -> Ask:
    """Probabilities by word counts, equal without any known word; the label of the rule is nearly certain."""

    def row(text: str) -> list[float]:
        told = rule(text)
        counts = [sum(text.lower().count(word) for word in words) for words in WORDS.values()]
        scores = [1 + weight * count + 1000 * (label == told) for label, count in zip(LABELS, counts, strict=True)]
        return [score / sum(scores) for score in scores]

    def ask(texts: Sequence[str]) -> Answers:
        scores = np.array([row(text) for text in texts])
        return answers([LABELS[place] for place in scores.argmax(1)], scores)

    return ask


def reading(pattern: str, label: str) -> Ask:
    """The voter, but texts that match the pattern get the label."""
    return voter(lambda text: label if re.search(pattern, text) else None)


def declared(language: str = "en", **behaviour: object) -> ModelSpec:
    gate = Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.1, min_gain_over_baseline=0.0)
    source = Source(uri="messages.csv", keep_handles=("united",))
    return ModelSpec(
        name="subjects", language=language, labels=LABELS, source=source, gate=gate, behaviour=dict(behaviour)
    )


def frame(subjects: dict[str, tuple[str, ...]] = SUBJECTS, endings: Sequence[str] = ENDINGS) -> pd.DataFrame:
    rows = [
        (f"{text} {ending}", label, "source")
        for label, texts in subjects.items()
        for text in texts
        for ending in endings
    ]
    return pd.DataFrame(rows, columns=["text", "label", "origin"])
