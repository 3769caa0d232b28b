"""The last step of packaging: confidences that mean what they say, and the confidence below which nobody should act."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.evaluation.calibration import temperature
from pipelines.inference.packaged import Packaged

ROWS = 500  # of validation: seconds, where asking all could take minutes
KEPT = 0.95  # of the validation texts are answered with more confidence than the threshold


def calibrate(package: Path, held: pd.DataFrame) -> None:
    """Write `temperature` and `threshold` into `package.json`, found on the rows `held` (text, label).

    Without rows the confidences stay as they are, and there is no threshold.
    """
    rows = held.head(ROWS)  # they come in the order of their hash: any are as good
    if not len(rows):
        return
    packaged = Packaged.load(package)
    logits = packaged.logits(rows["text"].tolist()).astype(np.float64)
    heat = temperature(logits, np.array([packaged.labels.index(label) for label in rows["label"]]))
    powers = np.exp((logits - logits.max(1, keepdims=True)) / heat)
    sure = (powers / powers.sum(1, keepdims=True)).max(1)
    file = package / "package.json"
    found = {"temperature": round(heat, 4), "threshold": float(np.quantile(sure, 1 - KEPT))}
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | found, indent=1), encoding="utf-8")
