"""Saved answers of two real models of equal standing to the same test texts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.bench import results_file
from pipelines.bench.data import identity, load_split
from pipelines.bench.part import Bench
from pipelines.bench.recipes import Setup
from pipelines.bench.split import Rows, Split
from pipelines.catalog.recipe import Recipe

Codes = npt.NDArray[np.intp]
# Frozen embeddings and a logistic regression: half a minute for BANKING77, and two points under fine-tuning.
RECIPE = Recipe(epochs=0, frozen_layers=0, batch=64, encoder_dropout=0)


@dataclass(frozen=True)
class SavedAnswers:
    """Labels as indices into `labels`: `references` of the texts `(texts,)`, `answers` of both models `(2, texts)`.

    `instead` is the model's likeliest label that the text does not have.
    """

    labels: tuple[str, ...]
    references: Codes
    answers: Codes
    instead: Codes


def load_answers(name: str, bench: Bench, base: str = "minilm") -> SavedAnswers:
    """Answers of two models trained on every other text each, so that neither knew more. Raises NoData."""
    setup = Setup(f"gate-{name}", name, RECIPE, base)
    key = ["gate", setup.identity(), identity(name, bench.data)]
    document = results_file.load_or_compute(
        bench, bench.work / "answers" / f"{name}.json", key, lambda: _ask_models(setup, bench)
    )
    return SavedAnswers(
        tuple(document["labels"]), *(np.array(document[part], dtype=np.intp) for part in ("given", "said", "instead"))
    )


def _ask_models(setup: Setup, bench: Bench) -> dict[str, Any]:
    split = load_split(setup.data, bench.data)
    bench.say(f"two models on {setup.data}: each learns from half of the texts and answers {len(split.test.texts)}")
    references = np.array([split.labels.index(label) for label in split.test.labels])
    scores = np.stack([_scores(setup, split, half, bench) for half in (0, 1)])
    answers = scores.argmax(2)
    scores[:, np.arange(len(references)), references] = -np.inf
    arrays = {"given": references, "said": answers, "instead": scores.argmax(2)}
    return {"labels": split.labels, **{part: codes.tolist() for part, codes in arrays.items()}}


def _scores(setup: Setup, split: Split, half: int, bench: Bench) -> npt.NDArray[np.float32]:
    """`(texts, labels)`; -inf for labels that the half lacks."""
    from pipelines.bench import ours  # importing it loads the networks, which processes of trials do not need

    texts = split.train + split.validation
    half_split = Split(texts.select(range(half, len(texts.texts), 2)), Rows(), split.test)
    scores = np.full((len(split.test.texts), len(split.labels)), -np.inf, dtype=np.float32)
    indices = [split.labels.index(label) for label in half_split.labels]
    scores[:, indices] = ours.train(setup, half_split, setup.seeds[0], bench).logits(split.test.texts)
    return scores
