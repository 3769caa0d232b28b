"""A data set in the three parts that a recipe learns from, is chosen on and is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.ingestion.leakage_filter import SOURCE, Example, remove_leaks
from pipelines.ingestion.splits import TEST, validates
from pipelines.ingestion.text import bucket, digest, normalise

Triples = Iterable[tuple[str, str, float]]


@dataclass(frozen=True)
class Rows:
    """Texts, their labels and how much each weighs in the loss, in one order."""

    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(self.texts + other.texts, self.labels + other.labels, self.weights + other.weights)

    def chosen(self, indices: Iterable[int]) -> "Rows":
        """The rows at these places."""
        triples = list(zip(self.texts, self.labels, self.weights, strict=True))
        return rows(triples[index] for index in indices)


@dataclass(frozen=True)
class Split:
    """One data set; `outside` are texts that belong to no label, where there are such: validation and test."""

    train: Rows
    validation: Rows
    test: Rows
    outside: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that is learnt, in the order of its name."""
        return tuple(sorted({*self.train.labels, *self.validation.labels}))


def rows(triples: Triples) -> Rows:
    """Triples of text, label and weight as columns; the texts are normalised."""
    listed = [(normalise(text), label, weight) for text, label, weight in triples]
    texts, labels, weights = zip(*listed, strict=True) if listed else ((), (), ())
    return Rows(texts, labels, weights)


def validated(learnt: Rows, test: Rows) -> Split:
    """A tenth of what is learnt from goes to validation, by hash."""
    sides: dict[bool, list[int]] = {True: [], False: []}
    for index, text in enumerate(learnt.texts):
        sides[validates(digest(text))].append(index)
    return Split(learnt.chosen(sides[False]), learnt.chosen(sides[True]), test)


def held_out(triples: Triples) -> Split:
    """A fifth is test, by hash; what is nearly a test text, or twice there, is not learnt from."""
    distinct: dict[str, Example] = {}
    for text, label, weight in triples:
        key = digest(one := normalise(text))
        distinct.setdefault(key, Example(key, one, label, SOURCE, weight))
    test = rows(_triple(one) for key, one in sorted(distinct.items()) if bucket(key) < TEST)
    rest = [one for key, one in distinct.items() if bucket(key) >= TEST]
    return validated(rows(_triple(one) for one in remove_leaks(rest, test.texts).train), test)


def _triple(one: Example) -> tuple[str, str, float]:
    return one.text, one.label, one.weight
