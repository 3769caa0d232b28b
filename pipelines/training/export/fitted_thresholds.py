"""Last step of packaging: thresholds and temperature are fitted on validation rows and written into the package."""

import json
from pathlib import Path

import pandas as pd

from pipelines.inference.artefact import read_package_metadata
from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.known import find_kind

ROWS = 500  # of validation: takes seconds, where all rows could take minutes


def calibrate(package: Path, validation: pd.DataFrame) -> None:
    """Write the fitted values for the rows `validation` (text, label) into `package.json`; nothing without rows."""
    rows = validation.head(ROWS)  # rows are ordered by hash: any prefix is a random sample
    if not len(rows):
        return
    logits, metadata = ModelPackage.load(package).logits(rows["text"].tolist()), read_package_metadata(package)
    fitted = find_kind(metadata["kind"]).fitting.fit(logits, rows["label"].tolist(), metadata)
    (package / "package.json").write_text(json.dumps(metadata | fitted, indent=1), encoding="utf-8")
