"""One reading in a process of its own: `python -m pipelines.bench.reading.single_read HOME FILE [LABEL FILE]`."""

import csv
import sys
from pathlib import Path

from pipelines.bench.reading.generated_source import declaration
from pipelines.ingestion.corpus import ingest
from pipelines.workspace.settings import Settings


def main() -> None:
    """Read a generated source into the snapshots of a home; the labels are those of the file that has them."""
    home, file, *label_files = map(Path, sys.argv[1:])
    with (label_files or [file])[0].open(encoding="utf-8", newline="") as stream:
        labels = sorted({row["label"] for row in csv.DictReader(stream)})
    corpus = ingest(declaration(file, labels, *label_files), Settings(home=home).workspace)
    print(corpus.train.digest, corpus.test.digest, corpus.report.left_out)


if __name__ == "__main__":
    main()
