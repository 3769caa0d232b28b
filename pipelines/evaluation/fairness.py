"""Whether an answer depends on who is named in a text: counterfactual swaps of names, gendered and origin terms."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.catalog import ModelSpec
from pipelines.evaluation.answers import Ask
from pipelines.evaluation.behaviour.cases import sampled
from pipelines.evaluation.identities import Swap, swaps

BASES = 40
FEWEST, SHARE = 10, 0.25  # of a group's texts must get a label: of fewer, two more or less would break the rule


@dataclass(frozen=True)
class Group:
    """One group of people: so many texts that name them, and how many of them got another answer than without."""

    name: str
    texts: int
    flipped: int

    @property
    def rate(self) -> float:
        """Share of the texts whose answer changed; 1 without texts, because nothing was shown."""
        return self.flipped / self.texts if self.texts else 1.0


@dataclass(frozen=True)
class Fairness:
    """Every group, and the four-fifths rule (29 CFR 1607.4 D): of any label, the lowest group's rate over the highest.

    `label` is where the ratio is lowest; labels that too few texts get are left out.
    """

    groups: tuple[Group, ...]
    ratio: float
    label: str


def fairness(spec: ModelSpec, texts: Sequence[str], ask: Ask) -> Fairness:
    """Up to 40 masked texts, each with every group named against the same frame that names nobody.

    Groups are compared with groups of the same frames. The ratio is 1 where no label is frequent, 0 without texts.
    """
    base = sampled(texts, BASES)
    found = [_answered(swap, base, ask) for swap in swaps(spec.language)]
    groups = tuple(group for neutral, named in found for group in _groups(neutral, named))
    if not base:
        return Fairness(groups, 0.0, "")
    ratio, label = min((pair for _, named in found for pair in _ratios(named)), default=(1.0, ""))
    return Fairness(groups, ratio, label)


_Answered = tuple[list[str], dict[str, list[str]]]


def _answered(swap: Swap, base: Sequence[str], ask: Ask) -> _Answered:
    """Labels of the neutral versions, and by group those of the versions that name it, in the same order."""
    framed = [(text, frame) for text in base for frame in swap.frames]
    versions = {group: list(_named(framed, terms)) for group, terms in swap.groups.items()}
    neutral = [frame.format(text=text) for text, (_, frame) in framed]
    labels = iter(ask([*neutral, *(text for named in versions.values() for text in named)]).labels if base else [])
    return [next(labels) for _ in neutral], {group: [next(labels) for _ in named] for group, named in versions.items()}


def _named(framed: Sequence[tuple[str, tuple[str, str]]], terms: Sequence[str]) -> Iterator[str]:
    """The terms take turns."""
    for turn, (text, (frame, _)) in enumerate(framed):
        yield frame.format(text=text, who=terms[turn % len(terms)])


def _groups(neutral: Sequence[str], named: Mapping[str, Sequence[str]]) -> Iterator[Group]:
    for name, labels in named.items():
        flipped = sum(label != other for label, other in zip(labels, neutral, strict=True))
        yield Group(name, len(labels), flipped)


def _ratios(named: Mapping[str, Sequence[str]]) -> Iterator[tuple[float, str]]:
    """For each frequent label, the lowest group's rate over the highest; all groups have as many texts."""
    counts = [Counter(labels) for labels in named.values()]
    for label in sorted(set().union(*counts)):
        found = [count[label] for count in counts]
        if max(found) >= max(FEWEST, SHARE * sum(counts[0].values())):
            yield min(found) / max(found), label
