"""The calibration error of a temperature fitted on few rows: `python tests/bench/ways/confidence.py --work FOLDER`.

From the last state of each recorded fold: calibration error and loss on the judged rows, by the strength of the prior
that keeps the temperature near 1 (the standard deviation of its logarithm); `none` is temperature 1.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from material import SETS
from scipy.special import log_softmax, softmax

from pipelines.evaluation.reliability import calibration_error
from pipelines.kinds.classification.evaluation.label_calibration import reliability_bins
from pipelines.kinds.classification.fitting import fit_temperature

HELD = {"none": 0.0, "0.1": 0.1, "0.25": 0.25, "0.5": 0.5, "1 (as it is)": 1.0}


def heat(logits: np.ndarray, truth: np.ndarray, spread: float) -> float:
    """The most probable temperature, with a normal prior of this standard deviation on its logarithm."""
    if not spread:
        return 1.0
    # The prior's variance weighs the fitted rows; a variance of 1 is neutral.
    weight = spread**2
    heats = np.exp(np.linspace(np.log(0.05), np.log(20), 600))
    fit = [log_softmax(logits / one, axis=1)[np.arange(len(truth)), truth].sum() for one in heats]
    return float(heats[np.argmax(np.array(fit) - np.log(heats) ** 2 / 2 / weight)])


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("mlruns/ways"))
    given = parser.parse_args()
    print("| set | folds | held near 1 by | temperature | calibration error of all folds together | loss |")
    print("|---|---|---|---|---|---|")
    for name in SETS:
        runs = [dict(np.load(file)) for file in sorted((given.work / "folds").glob(f"{name}-*.npz"))]
        truth = np.concatenate([run["judged-labels"] for run in runs]) if runs else np.zeros(0, int)
        for held, spread in HELD.items() if runs else ():
            heats = [heat(run["validation"][-1].astype(float), run["validation-labels"], spread) for run in runs]
            sure = np.concatenate(
                [softmax(run["judged"][-1] / one, axis=1) for run, one in zip(runs, heats, strict=True)]
            )
            loss = -np.log(sure[np.arange(len(truth)), truth] + 1e-9).mean()
            error = calibration_error(reliability_bins(sure, truth))
            said = f"{np.mean(heats):.2f} ± {np.std(heats):.2f} | {error:.3f} | {loss:.3f}"
            print(f"| {name} | {len(runs)} | {held} | {said} |")
        if runs:
            check = fit_temperature(runs[0]["validation"][-1].astype(float), runs[0]["validation-labels"])
            assert (
                abs(np.log(check / heat(runs[0]["validation"][-1].astype(float), runs[0]["validation-labels"], 1.0)))
                < 0.02
            )


if __name__ == "__main__":
    main()
