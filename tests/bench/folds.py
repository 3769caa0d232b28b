"""Compare fine-tuning with TF-IDF: `python tests/bench/folds.py MODEL`; 5 folds of the train snapshot, paired interval.

The held-out test split is not read: folds are cut from the train snapshot, by the hash of the text.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from flows.context import load_model
from pipelines.catalog.spec import ModelSpec
from pipelines.inference.packaged import ModelPackage
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.kinds.classification.baseline import tfidf
from pipelines.kinds.classification.evaluation.label_resamples import Resampled, accuracy
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.training.fine_tuning import fine_tune

FOLDS = 5


def predicted(train: pd.DataFrame, held: pd.DataFrame, spec: ModelSpec) -> tuple[list[str], list[str]]:
    """Labels of the held-out fold by the packaged model and by TF-IDF, both trained on the other folds."""
    with tempfile.TemporaryDirectory() as folder:
        challenger = fine_tune(train, spec, Path(folder), None, lambda *_: None)
        answers = ModelPackage.load(challenger.package).predict(held["text"].tolist())
    simple = tfidf(train["text"].tolist(), train["label"].tolist(), held["text"].tolist())
    return [answer.label for answer in answers], simple


def main() -> None:
    """Print macro-F1 and accuracy of both, and the paired difference, pooled over the folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default="intent")
    settings, spec = load_model(parser.parse_args().model)
    rows = read(ingest(spec, settings.workspace).train)
    fold = rows["key"].map(lambda key: int(key[16:24], 16) % FOLDS)
    held = [rows[fold == number] for number in range(FOLDS)]
    found = [predicted(rows[fold != number], held[number], spec) for number in range(FOLDS)]
    tuned, simple = ([label for pair in found for label in pair[side]] for side in (0, 1))
    resampled = Resampled(pd.concat(held)["label"].tolist(), spec.target.names)
    table = Table("who", "macro-F1", "accuracy", title=f"{spec.name}: {len(rows)} messages, {FOLDS} folds")
    for who, predictions in (("fine-tuned, packaged", tuned), ("TF-IDF + logistic regression", simple)):
        scores = (resampled.interval(score, predictions) for score in (macro_f1, accuracy))
        table.add_row(who, *map(str, scores))
    differences = (resampled.difference(score, tuned, simple) for score in (macro_f1, accuracy))
    table.add_row("difference, paired", *map(str, differences))
    Console().print(table)


if __name__ == "__main__":
    main()
