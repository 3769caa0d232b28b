"""What two real models of equal standing said to the same test texts: asked once, remembered as answers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.bench import results_file
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench
from pipelines.bench.recipes import Kept
from pipelines.bench.split import Rows, Split
from pipelines.catalog.recipe import Recipe

Codes = npt.NDArray[np.intp]
# Frozen embeddings and a logistic regression: half a minute for BANKING77, and two points under fine-tuning.
RECIPE = Recipe(epochs=0, frozen_layers=0, batch=64, encoder_dropout=0)


@dataclass(frozen=True)
class Saved:
    """Labels as places in `labels`: `(texts,)` what the texts carry, `(2, texts)` what either model said to them.

    `instead` is the likeliest label, in the eyes of the same model, that the text does not carry.
    """

    labels: tuple[str, ...]
    given: Codes
    said: Codes
    instead: Codes


def saved(name: str, bench: Bench, base: str = "minilm") -> Saved:
    """Two models that learnt from every other text each, so that neither knew more. Raises NoData."""
    kept = Kept(f"gate-{name}", name, RECIPE, base)
    key = ["gate", kept.identity(), identity(name, bench.data)]
    found = results_file.remembered(bench, bench.work / "answers" / f"{name}.json", key, lambda: _asked(kept, bench))
    return Saved(
        tuple(found["labels"]), *(np.array(found[part], dtype=np.intp) for part in ("given", "said", "instead"))
    )


def _asked(kept: Kept, bench: Bench) -> dict[str, Any]:
    split = loaded(kept.data, bench.data)
    bench.say(f"two models on {kept.data}: each learns from half of the texts and answers {len(split.test.texts)}")
    given = np.array([split.labels.index(label) for label in split.test.labels])
    scores = np.stack([_scores(kept, split, half, bench) for half in (0, 1)])
    said = scores.argmax(2)
    scores[:, np.arange(len(given)), given] = -np.inf
    found = {"given": given, "said": said, "instead": scores.argmax(2)}
    return {"labels": split.labels, **{part: codes.tolist() for part, codes in found.items()}}


def _scores(kept: Kept, split: Split, half: int, bench: Bench) -> npt.NDArray[np.float32]:
    """`(texts, labels)`; a label that the half lacks is never said."""
    from pipelines.bench import ours  # it brings the networks: each process of trials would wait for them

    learnt = split.train + split.validation
    own = Split(learnt.chosen(range(half, len(learnt.texts), 2)), Rows(), split.test)
    scores = np.full((len(split.test.texts), len(split.labels)), -np.inf, dtype=np.float32)
    places = [split.labels.index(label) for label in own.labels]
    scores[:, places] = ours.trained(kept, own, kept.seeds[0], bench).logits(split.test.texts)
    return scores
