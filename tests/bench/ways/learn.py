"""Record trainings: `python tests/bench/ways/learn.py --data FOLDER --work FOLDER --part folds|test SET ...`.

`folds`: each seed holds out another fifth of the training rows, and the test split stays unread; the way of training is
chosen by these results. `test`: training on all rows, answers for the test rows; `table.py` reads them for the chosen
ways. Recorded trainings are not repeated.
"""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import torch
from material import SETS, NoData, material
from table import left, stopped
from trajectory import Arrays, Shelf, trajectory

from pipelines.ingestion.text import digest

FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path("mlruns/ways"))
    parser.add_argument("--part", choices=("folds", "test"), default="folds")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--refit", action="store_true", help="train once more, with the validation rows")
    parser.add_argument("--precision", default="fp32")
    given = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    for name in given.sets:
        try:
            record(name, given)
        except NoData as error:
            print(f"skipped {name}: {error}")


def record(name: str, given: argparse.Namespace) -> None:
    """Train a set once for each seed, and record the answers of every state for the judged rows."""
    wanted = [seed for seed in range(1, given.seeds + 1) if not _file(given, name, seed).exists()]
    if not wanted:
        return
    found = material(name, given.data)
    spec = found.spec.model_copy(update={"recipe": found.spec.recipe.model_copy(update={"precision": given.precision})})
    fold = found.train["text"].map(lambda text: int(digest(text)[16:24], 16) % FOLDS)
    shelf = Shelf(spec, [found.train, *([found.test] if given.part == "test" else [])])
    for seed in wanted:
        held = fold == seed % FOLDS
        train, judged = (found.train[~held], found.train[held]) if given.part == "folds" else (found.train, found.test)
        valid = train["validation"]
        asked, started = {"validation": train[valid], "judged": judged}, time.perf_counter()
        truth = np.array([spec.target.names.index(label) for label in train[valid]["label"]])
        epochs = partial(_compared, truth) if given.part == "test" else None
        arrays = trajectory(spec, seed, train[~valid], asked, shelf, epochs)
        seconds = time.perf_counter() - started
        if given.refit:
            refit = trajectory(spec, seed, train, {"judged": judged}, shelf)
            arrays |= {f"refit-{key}": value for key, value in refit.items()}
        for key, frame in asked.items():
            arrays[f"{key}-labels"] = np.array([spec.target.names.index(label) for label in frame["label"]])
        file = _file(given, name, seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(file.name + ".tmp.npz")
        np.savez_compressed(temporary, seconds=seconds, rows=len(train), **arrays)
        temporary.replace(file)
        print(
            f"{given.part} {name} seed {seed}: {len(train)} rows, {valid.sum()} validation, {seconds:.0f} s", flush=True
        )


def _compared(truth: np.ndarray, found: Arrays) -> set[int]:
    """The epochs that are compared on test rows: the end of early stopping, and the end of today's rule."""
    seen = found | {"validation-labels": truth}
    return {stopped(seen), left(seen), len(seen["validation"]) - 1}


def _file(given: argparse.Namespace, name: str, seed: int) -> Path:
    return given.work / given.part / f"{name}-{seed}.npz"


if __name__ == "__main__":
    main()
