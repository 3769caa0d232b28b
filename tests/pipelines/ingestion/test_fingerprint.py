import os

import pytest

from pipelines.catalog.recipe import Recipe
from pipelines.ingestion.corpus import UnusableSource, fingerprint
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.multilabel.target import LabelSets


def test_the_same_source_has_the_same_fingerprint_wherever_its_clock_stands(table, messages, declare):
    file = table(messages(10))
    first = fingerprint(declare(file))
    os.utime(file, (1, 1))

    assert fingerprint(declare(file)) == first


@pytest.mark.parametrize(
    "change",
    [
        {"target": Labels(labels=("bad", "good"))},
        {"traffic": 0.1},
        {"recipe": Recipe(alpha=2)},
        {"recipe": Recipe(truncation="head_tail")},
        {"name": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_the_corpus_decides_the_fingerprint(change, table, messages, declare):
    spec = declare(table(messages(10)))

    assert fingerprint(spec.model_copy(update=change)) != fingerprint(spec)


def test_how_a_model_learns_does_not(table, messages, declare):
    spec = declare(table(messages(10)))

    assert fingerprint(spec.model_copy(update={"recipe": Recipe(epochs=9)})) == fingerprint(spec)


def test_every_file_of_a_source_counts(table, messages, declare):
    files = {"uri": table(messages(10)), "test": table(messages(9), "t.csv"), "labels": table(messages(8), "l.csv")}
    spec = declare(**{name: str(file) for name, file in files.items()})
    seen = {fingerprint(spec)}
    for file in files.values():
        file.write_text(file.read_text() + "more,good\n")
        seen.add(fingerprint(spec))

    assert len(seen) == 4


def test_feedback_and_the_masker_count(table, messages, declare, monkeypatch):
    spec = declare(table(messages(10)))
    seen = {fingerprint(spec), fingerprint(spec, "digest of the feedback")}
    monkeypatch.setattr("pipelines.masking.mask.VERSION", "another")

    assert len(seen | {fingerprint(spec)}) == 3


def test_a_missing_source_has_none(declare, tmp_path):
    with pytest.raises(UnusableSource, match=r"gone\.csv does not exist"):
        fingerprint(declare(tmp_path / "gone.csv"))


def test_labels_in_columns_make_another_corpus_than_labels_in_cells(table, messages, declare):
    spec = declare(table(messages(10)))
    cells, columns = (LabelSets(labels=("bad", "good"), by_column=by_column) for by_column in (False, True))

    made = {fingerprint(spec.model_copy(update={"target": target})) for target in (cells, columns)}
    assert len(made) == 2
