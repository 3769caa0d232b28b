"""The last step of packaging: what its kind fits on validation rows, as thresholds, goes into the package."""

import json
from pathlib import Path

import pandas as pd

from pipelines.inference.artefact import card
from pipelines.inference.packaged import Packaged
from pipelines.kinds.known import find

ROWS = 500  # of validation: seconds, where asking all could take minutes


def calibrate(package: Path, held: pd.DataFrame) -> None:
    """Write into `package.json` what is fitted on the rows `held` (text, label); without rows nothing is."""
    rows = held.head(ROWS)  # they come in the order of their hash: any are as good
    if not len(rows):
        return
    logits, about = Packaged.load(package).logits(rows["text"].tolist()), card(package)
    fitted = find(about["kind"]).fitting.fit(logits, rows["label"].tolist(), about)
    (package / "package.json").write_text(json.dumps(about | fitted, indent=1), encoding="utf-8")
