"""Compare the ways of training: `python tests/bench/ways/table.py --work FOLDER --part folds|test [--ways NAME ...]`.

For each data set and way: mean accuracy and macro-F1 over the seeds, their standard deviation, and the mean difference
from `stop early`, paired over seeds, with its 95% interval (Student's t). `test` shows only the ways in `--ways`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from material import SETS
from scipy.special import log_softmax
from scipy.stats import t
from sklearn.metrics import f1_score

from pipelines.training.optimisation.training_loop import significantly_worse

Arrays = Mapping[str, np.ndarray]
FIRST = "stop early"


def stopped(found: Arrays, patience: int = 2) -> int:
    """The former rule: the epoch of the best validation macro-F1, the start included, with a patience of two."""
    scores, since, checks, end = _f1(found), -1.0, 0, 0
    for epoch in range(1, len(scores)):
        checks, since, end = (0 if scores[epoch] > since else checks + 1), max(since, scores[epoch]), epoch
        if checks >= patience:
            break
    return int(np.argmax(scores[: end + 1]))


def left(found: Arrays) -> int:
    """Today's rule: the last epoch, or an earlier one that is significantly better."""
    right = found["validation"].argmax(2) == found["validation-labels"]
    best = len(right) - 1 - int(np.argmax(right.sum(1)[::-1]))
    return best if significantly_worse(right[-1], right[best]) else len(right) - 1


def smoothed(found: Arrays) -> np.ndarray:
    """The epoch whose validation macro-F1, averaged with its neighbours', is the best."""
    scores = _f1(found)
    near = [np.mean(scores[max(0, at - 1) : at + 2]) for at in range(len(scores))]
    return found["judged"][int(np.argmax(near))]


def standard_error(found: Arrays) -> np.ndarray:
    """The last state whose validation loss is within a standard error of the lowest."""
    losses = _losses(found)
    lowest = int(np.argmin(losses.mean(1)))
    apart = losses - losses[lowest]
    close = apart.mean(1) <= apart.std(1) / np.sqrt(losses.shape[1]) + 1e-12
    return found["judged"][int(np.flatnonzero(close)[-1])]


WAYS: dict[str, Callable[[Arrays], np.ndarray]] = {
    FIRST: lambda found: found["judged"][stopped(found)],
    "whole, best macro-F1": lambda found: found["judged"][int(np.argmax(_f1(found)))],
    "whole, best smoothed macro-F1": smoothed,
    "whole, lowest loss": lambda found: found["judged"][int(np.argmin(_losses(found).mean(1)))],
    "whole, last within a standard error of the lowest loss": standard_error,
    "whole, last": lambda found: found["judged"][-1],
    "whole, last unless shown worse": lambda found: found["judged"][left(found)],
    "whole, running mean 0.99": lambda found: found["judged-mean99"][-1],
    "whole, running mean 0.995": lambda found: found["judged-mean995"][-1],
    "whole, mean of the last two fifths": lambda found: found["judged-tail"][-1],
    "with validation rows, last": lambda found: found["refit-judged"][-1],
    "with validation rows, mean of the last two fifths": lambda found: found["refit-judged-tail"][-1],
}


def _f1(found: Arrays) -> np.ndarray:
    given = found["validation-labels"]
    scores = [f1_score(given, one.argmax(1), average="macro", zero_division=0.0) for one in found["validation"]]
    return np.array(scores)


def _losses(found: Arrays) -> np.ndarray:
    """Cross-entropy of the validation rows, as `(epochs + 1, rows)`."""
    rows = np.arange(len(found["validation-labels"]))
    return -log_softmax(found["validation"], axis=2)[:, rows, found["validation-labels"]]


def scores(found: Arrays, way: str) -> tuple[float, float]:
    """Accuracy and macro-F1 on the judged rows, in points of 100."""
    logits, given = WAYS[way](found), found["judged-labels"]
    if np.isnan(logits).any():
        raise SystemExit(f"{way!r} was not recorded: on test rows only the states of the ways that are kept are")
    answers = logits.argmax(1)
    return 100 * float(np.mean(answers == given)), 100 * float(
        f1_score(given, answers, average="macro", zero_division=0.0)
    )


def difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    """The mean difference over the seeds and its 95% interval."""
    apart = ours - theirs
    if len(apart) == 1:
        return f"{apart.mean():+.1f}"
    reach = t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / np.sqrt(len(apart))
    return f"{apart.mean():+.1f} [{apart.mean() - reach:+.1f}, {apart.mean() + reach:+.1f}]"


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--work", type=Path, default=Path("mlruns/ways"))
    parser.add_argument("--part", choices=("folds", "test"), default="folds")
    parser.add_argument("--ways", nargs="*")
    given = parser.parse_args()
    if given.part == "test" and not given.ways:
        parser.error("the test split is read for the ways that are kept: name them with --ways")
    print("| set | seeds | way | accuracy | sd | macro-F1 | sd | accuracy against early stopping | macro-F1 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in given.sets:
        files = sorted(
            (given.work / given.part).glob(f"{name}-*.npz"), key=lambda file: int(file.stem.rpartition("-")[2])
        )
        everything = [dict(np.load(file)) for file in files]
        for way in given.ways or WAYS:
            runs = [run for run in everything if not way.startswith("with") or "refit-judged" in run]
            if runs:
                print("|", " | ".join((name, str(len(runs)), way, *_row(runs, way))), "|")


def _row(runs: list[Arrays], way: str) -> tuple[str, ...]:
    own, first = (np.array([scores(run, one) for run in runs]) for one in (way, FIRST))
    (accuracy, macro_f1), spread = own.mean(0), own.std(0, ddof=len(own) > 1)
    apart = [difference(own[:, column], first[:, column]) for column in (0, 1)] if way != FIRST else ["", ""]
    return f"{accuracy:.1f}", f"{spread[0]:.1f}", f"{macro_f1:.1f}", f"{spread[1]:.1f}", *apart


if __name__ == "__main__":
    main()
