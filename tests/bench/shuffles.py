"""Test the gate of `needloop add` with shuffled labels: `python tests/bench/shuffles.py`.

Each draw takes so many of the bundled messages, with their own labels or with shuffled ones. The floors and the recipe
are those that `add` writes, and the gate decides. Measures of packaging and serving (agreement, fairness, ...) are set
to perfect values, so that only the floors can refuse.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "ways"))

import pandas as pd
import torch
from material import material
from trajectory import Shelf

from pipelines.bench.gate.sound import simulated_scorecard
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.splits import TEST, in_validation
from pipelines.ingestion.text import bucket, digest
from pipelines.kinds.classification.declaring import NO_FLOORS, floors
from pipelines.kinds.classification.evaluation.label_scores import build_score_table
from pipelines.kinds.classification.target import Labels
from pipelines.promotion.decision import decide
from pipelines.training.fine_tuning import train_networks
from pipelines.training.optimisation.cost import Meter

RAREST = 5  # rows of a label; `add` refuses a label that is only held out


def main() -> None:
    """Print the number of promotions for each size, and one JSON line for each decision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 300, 1000])
    parser.add_argument("--shuffles", type=int, default=20)
    parser.add_argument("--real", type=int, default=5, help="draws with the labels as they are")
    parser.add_argument(
        "--epochs", type=int, default=6, help="6 is what add declares for so few rows; fewer are faster"
    )
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--out", type=Path, default=Path("mlruns/shuffles.jsonl"))
    given = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    whole = material("intent", None)
    rows = pd.concat([whole.train, whole.test]).assign(origin="source", weight=1.0)[
        ["text", "label", "origin", "weight"]
    ]
    recipe = Recipe(epochs=given.epochs, precision=given.precision)
    shelf = Shelf(whole.spec.model_copy(update={"recipe": recipe}), [rows])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in given.out.read_text().splitlines()] if given.out.exists() else []
    for size in given.sizes:
        for kind, count in (("shuffled", given.shuffles), ("real", given.real)):
            for seed in range(1, count + 1):
                if not any((one["kind"], one["size"], one["seed"]) == (kind, size, seed) for one in done):
                    done.append(
                        {
                            "kind": kind,
                            "size": size,
                            "seed": seed,
                            **draw_decision(rows, size, kind, seed, shelf, recipe),
                        }
                    )
                    with given.out.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(done[-1]) + "\n")
            found = [one for one in done if (one["kind"], one["size"]) == (kind, size)]
            told = [sum(bool(one[name]) for one in found) for name in ("promoted", "before")]
            print(f"{size} rows, {kind} labels: {told[0]} of {len(found)} promoted, {told[1]} before", flush=True)


def draw_decision(
    rows: pd.DataFrame, size: int, kind: str, seed: int, shelf: Shelf, recipe: Recipe
) -> dict[str, object]:
    """The decision on one draw of the messages."""
    drawn = rows.sample(size, random_state=seed)
    if kind == "shuffled":
        drawn["label"] = drawn["label"].sample(frac=1, random_state=seed).to_numpy()
    keys = drawn["text"].map(digest)
    drawn = drawn.assign(key=keys, validation=keys.map(in_validation))
    learnable = drawn[keys.map(bucket) >= TEST]["label"].value_counts()
    drawn = drawn[drawn["label"].map(learnable).fillna(0) >= RAREST]
    held = drawn["key"].map(bucket) < TEST
    train, test = drawn[~held], drawn[held]
    labels = tuple(sorted(set(train["label"])))
    gate = floors(Labels(labels=labels), train, test)
    recipe = recipe.model_copy(update={"seed": seed})
    spec = ModelSpec(name="shuffles", labels=labels, source=Source(uri="bench:shuffles"), recipe=recipe, gate=NO_FLOORS)
    found = train_networks(train, spec, None, lambda *_: None, Meter(), build=lambda frame, *_: shelf.read(frame, spec))
    with found.nets[0].trainable_part():
        logits = found.nets[0].predict(shelf.read(test, spec).rows)
    answers = [labels[index] for index in logits.argmax(1)]
    stands = build_score_table(spec, test, train, {"challenger": answers}, str(Path("mlruns") / "metrics"), labels)
    decision = decide(simulated_scorecard(len(test), stands, gate), gate)
    scores = {"macro_f1": stands.challenger.macro_f1.value, "accuracy": stands.challenger.accuracy.value}
    old = gate.model_copy(update={"min_macro_f1": min(0.98, stands.tfidf.macro_f1.value)})
    before = decide(simulated_scorecard(len(test), stands, old), old).promote
    return {
        "promoted": decision.promote,
        "before": before,
        "floor": gate.min_macro_f1,
        **scores,
        "reason": decision.reason,
    }


if __name__ == "__main__":
    main()
