"""Agreement of two annotations: `python -m pipelines.labels.agreement` prints Cohen's kappa and the differences."""

import argparse
import csv
from collections import Counter
from pathlib import Path

from sklearn.metrics import cohen_kappa_score

HERE = Path(__file__).parent


def labels_of(file: Path) -> dict[str, str]:
    """The labels of one annotation file, by hash."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["hash"]: row["label"] for row in csv.DictReader(lines)}


def kappa(first: dict[str, str], second: dict[str, str]) -> tuple[int, float, float]:
    """Messages labelled twice, share of equal labels, and Cohen's kappa (1960)."""
    shared = sorted(first.keys() & second.keys())
    first_labels, second_labels = [first[key] for key in shared], [second[key] for key in shared]
    share = sum(a == b for a, b in zip(first_labels, second_labels, strict=True)) / len(shared)
    return len(shared), share, float(cohen_kappa_score(first_labels, second_labels))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=Path, default=HERE / "intent.csv")
    parser.add_argument("--second", type=Path, default=HERE / "intent-second.csv")
    options = parser.parse_args()
    first, second = labels_of(options.first), labels_of(options.second)
    rows, share, agreement = kappa(first, second)
    print(f"{len(first)} labelled, {rows} of them twice: equal {share:.1%}, Cohen's kappa {agreement:.3f}")
    differences = Counter((first[key], second[key]) for key in second if first[key] != second[key])
    for (label, other), count in differences.most_common(10):
        print(f"{count:4}  {label} / {other}")
