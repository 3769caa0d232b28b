"""Spread of a built-in model's figures over seeds: `python tests/bench/seeds.py MODEL --seeds 1 2 3`.

Both cycles of `needloop run` for each seed: a first training, then a retraining with the feedback of the replay; the
packages answer the held-out texts. Results stay in the work folder. The command prints means and standard deviations
of all results there; `--publish` writes them into the file that `needloop run` and the docs read.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from flows.context import load_model
from pipelines.bench.machine import machine, timestamp
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.reliability import calibration_error
from pipelines.evaluation.spread import FILE, recipe_digest
from pipelines.inference.packaged import ModelPackage
from pipelines.ingestion.corpus import Corpus, ingest, replay_traffic
from pipelines.ingestion.snapshot import read
from pipelines.ingestion.text import digest
from pipelines.kinds.classification.evaluation.label_calibration import reliability_bins
from pipelines.masking.mask import mask
from pipelines.store.labelled_feedback import LabelledText
from pipelines.training.fine_tuning import fine_tune
from pipelines.workspace.settings import Settings


def main() -> None:
    """Measure the seeds that are not measured yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--work", type=Path, default=Path("mlruns/seeds"))
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    _, spec = load_model(given.model)
    given.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), store=None, _env_file=None)
        cycles = [ingest(spec, settings.workspace), ingest(spec, settings.workspace, _answered(spec))]
        for seed in given.seeds:
            file = given.work / f"{spec.name}-{seed}.json"
            found = json.loads(file.read_text()) if file.exists() else {}
            if found.get("key") != _key(spec, cycles):
                runs = measured(spec, cycles, seed, Path(home) / "work")
                file.write_text(
                    json.dumps({"key": _key(spec, cycles), "model": spec.name, "seed": seed, "cycles": runs})
                )
            print(file.read_text(), flush=True)
    rows = summaries(spec, cycles, given.work)
    for row in rows:
        figures = ", ".join(f"{name} {mean} ± {spread}" for name, (mean, spread) in row["figures"].items())
        print(f"{spec.name} {row['cycle']}, seeds {row['seeds']}: {figures}")
    if given.publish:
        publish(rows)


def _answered(spec: ModelSpec) -> list[LabelledText]:
    """The feedback of the replay: the label that people gave each message."""
    rows = ((one.text, one.label or "") for one in replay_traffic(spec))
    rules = spec.source.masking
    return [
        LabelledText(digest(text), mask(text, rules), label, number) for number, (text, label) in enumerate(rows, 1)
    ]


def _key(spec: ModelSpec, cycles: list[Corpus]) -> list[str]:
    return [recipe_digest(spec.recipe), *(one.train.digest for one in cycles), cycles[0].test.digest]


def measured(spec: ModelSpec, cycles: list[Corpus], seed: int, folder: Path) -> list[dict[str, float]]:
    """The figures of both cycles on the held-out texts."""
    own = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"seed": seed})})
    first = fine_tune(read(cycles[0].train), own, folder / "1", None, lambda *_: None)
    second = fine_tune(read(cycles[1].train), own, folder / "2", first.weights, lambda *_: None)
    test = read(cycles[0].test)
    return [
        _figures(one.package, test) | {"seconds": one.cost.seconds, "bf16": one.precision == "bf16"}
        for one in (first, second)
    ]


def _figures(package: Path, test: pd.DataFrame) -> dict[str, float]:
    packaged = ModelPackage.load(package)
    probabilities = packaged.calibrated(test["text"].tolist())
    truth = np.array([packaged.target.names.index(label) for label in test["label"]])
    answers = probabilities.argmax(1)
    return {
        "accuracy": float(np.mean(answers == truth)),
        "macro_f1": float(f1_score(truth, answers, average="macro", zero_division=0.0)),
        "calibration_error": calibration_error(reliability_bins(probabilities, truth)),
        "temperature": packaged.metadata["temperature"],
        "kept": float(np.mean(probabilities.max(1) >= packaged.metadata["threshold"])),
    }


def summaries(spec: ModelSpec, cycles: list[Corpus], work: Path) -> list[dict[str, Any]]:
    """For each cycle, the means and standard deviations over the seeds that were measured on these snapshots."""
    runs = [json.loads(file.read_text()) for file in work.glob(f"{spec.name}-*.json")]
    runs = sorted((one for one in runs if one["key"] == _key(spec, cycles)), key=lambda one: one["seed"])
    return [
        {
            "model": spec.name,
            "cycle": number,
            "snapshot": corpus.train.digest,
            "recipe": recipe_digest(spec.recipe),
            "seeds": [one["seed"] for one in runs],
            "figures": _spread(pd.DataFrame([one["cycles"][number - 1] for one in runs])),
            "measured": timestamp(),
            "machine": str(machine()),
            "command": f"python tests/bench/seeds.py {spec.name} --publish",
        }
        for number, corpus in enumerate(cycles, start=1)
    ]


def _spread(figures: pd.DataFrame) -> dict[str, list[float]]:
    """Mean and standard deviation of each figure."""
    return {name: [round(figures[name].mean(), 4), round(figures[name].std(), 4)] for name in figures}


def publish(rows: list[dict[str, Any]]) -> None:
    """Replace the published means and standard deviations of a model."""
    others = [row for row in json.loads(FILE.read_text(encoding="utf-8")) if row["model"] != rows[0]["model"]]
    ordered = sorted([*others, *rows], key=lambda row: (row["model"], row["cycle"]))
    FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
