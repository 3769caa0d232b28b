"""A data set in three parts: train, validation and test."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.ingestion.leakage_filter import SOURCE, Example, remove_leaks
from pipelines.ingestion.splits import TEST, in_validation
from pipelines.ingestion.text import bucket, digest, normalise

Triples = Iterable[tuple[str, str, float]]


@dataclass(frozen=True)
class Rows:
    """Texts, their labels and their weights in the loss, in one order."""

    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(self.texts + other.texts, self.labels + other.labels, self.weights + other.weights)

    def select(self, indices: Iterable[int]) -> "Rows":
        """The rows at these positions."""
        triples = list(zip(self.texts, self.labels, self.weights, strict=True))
        return rows(triples[index] for index in indices)


@dataclass(frozen=True)
class Split:
    """One data set; `outside` has out-of-scope texts, if there are any: validation and test."""

    train: Rows
    validation: Rows
    test: Rows
    outside: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label of the training, sorted."""
        return tuple(sorted({*self.train.labels, *self.validation.labels}))


def rows(triples: Triples) -> Rows:
    """Triples of text, label and weight as columns; the texts are normalised."""
    normalised = [(normalise(text), label, weight) for text, label, weight in triples]
    texts, labels, weights = zip(*normalised, strict=True) if normalised else ((), (), ())
    return Rows(texts, labels, weights)


def split_validation(train: Rows, test: Rows) -> Split:
    """Split off a tenth of the train rows as validation, by hash."""
    sides: dict[bool, list[int]] = {True: [], False: []}
    for index, text in enumerate(train.texts):
        sides[in_validation(digest(text))].append(index)
    return Split(train.select(sides[False]), train.select(sides[True]), test)


def split_by_hash(triples: Triples) -> Split:
    """Split off a fifth as test, by hash; near duplicates of test texts and repeated texts are not learned from."""
    distinct: dict[str, Example] = {}
    for text, label, weight in triples:
        key = digest(normal := normalise(text))
        distinct.setdefault(key, Example(key, normal, label, SOURCE, weight))
    test = rows(_triple(example) for key, example in sorted(distinct.items()) if bucket(key) < TEST)
    rest = [example for key, example in distinct.items() if bucket(key) >= TEST]
    return split_validation(rows(_triple(example) for example in remove_leaks(rest, test.texts).train), test)


def _triple(example: Example) -> tuple[str, str, float]:
    return example.text, example.label, example.weight
