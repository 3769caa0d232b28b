"""Whether an answer depends on who is named in a text: counterfactual swaps of names, gendered and origin terms."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.catalog.spec import Gate, ModelSpec
from pipelines.evaluation.behaviour.cases import sampled
from pipelines.evaluation.case import Case
from pipelines.evaluation.identities import Swap, swaps
from pipelines.evaluation.measure import Attachment, Measure, ceiling, unshown
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.target import Target

BASES = 40
FEWEST, SHARE = 10, 0.25  # of a group's texts must get an answer: of fewer, two more or less would break the rule


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
    """Every group, and the four-fifths rule (29 CFR 1607.4 D): of any answer, the lowest group's rate over the highest.

    `label` is the label where the ratio is lowest; answers that too few texts get are left out.
    """

    groups: tuple[Group, ...]
    ratio: float
    label: str


def equity(case: Case) -> Iterator[Measure | Attachment]:
    """On validation texts, or those of train where there are none."""
    validation = case.train[case.train["validation"]]
    texts = (validation if len(validation) else case.train)["text"].tolist()
    found = fairness(case.spec, texts, case.ask)
    yield Attachment("fairness", found)
    yield from equitable(found, case.gate)


def equitable(found: Fairness | None, gate: Gate) -> Iterator[Measure]:
    """No group's answers change too often, and none is given an answer much more rarely than another."""
    if found is None or not found.groups:
        yield unshown("flipped", "fairness", "fairness", "four_fifths")
        return
    for group in found.groups:
        what = f"fairness: answers change for {group.name} in"
        yield ceiling(f"flipped.{group.name}", group.rate, gate.fairness, what, "fairness")
    said = f"fairness: {found.label or 'a label'} goes to one group at {found.ratio:.2f} of another's rate"
    wording = "" if found.ratio >= gate.four_fifths else f"{said}, at least {gate.four_fifths:.2f} is asked"
    yield Measure(
        "fairness.four_fifths",
        found.ratio,
        limit=gate.four_fifths,
        direction="at least",
        gate=("four_fifths",),
        wording=wording,
    )


def fairness(spec: ModelSpec, texts: Sequence[str], ask: Ask) -> Fairness:
    """Up to 40 masked texts, each with every group named against the same frame that names nobody.

    Groups are compared with groups of the same frames. The ratio is 1 where no answer is frequent, 0 without texts.
    """
    base = sampled(texts, BASES)
    found = [_answered(swap, base, ask) for swap in swaps(spec.language)]
    groups = tuple(group for neutral, named in found for group in _groups(neutral, named))
    if not base:
        return Fairness(groups, 0.0, "")
    ratios = (pair for _, named in found for pair in _ratios(named, spec.target))
    ratio, label = min(ratios, default=(1.0, ""))
    return Fairness(groups, ratio, label)


_Answered = tuple[list[str], dict[str, list[str]]]


def _answered(swap: Swap, base: Sequence[str], ask: Ask) -> _Answered:
    """Answers to the neutral versions, and by group those to the versions that name it, in the same order."""
    framed = [(text, frame) for text in base for frame in swap.frames]
    versions = {group: list(_named(framed, terms)) for group, terms in swap.groups.items()}
    neutral = [frame.format(text=text) for text, (_, frame) in framed]
    cells = iter(ask([*neutral, *(text for named in versions.values() for text in named)]).cells if base else [])
    return [next(cells) for _ in neutral], {group: [next(cells) for _ in named] for group, named in versions.items()}


def _named(framed: Sequence[tuple[str, tuple[str, str]]], terms: Sequence[str]) -> Iterator[str]:
    """The terms take turns."""
    for turn, (text, (frame, _)) in enumerate(framed):
        yield frame.format(text=text, who=terms[turn % len(terms)])


def _groups(neutral: Sequence[str], named: Mapping[str, Sequence[str]]) -> Iterator[Group]:
    for name, cells in named.items():
        flipped = sum(cell != other for cell, other in zip(cells, neutral, strict=True))
        yield Group(name, len(cells), flipped)


def _ratios(named: Mapping[str, Sequence[str]], target: Target) -> Iterator[tuple[float, str]]:
    """For each frequent part of an answer, the lowest group's rate over the highest; groups have as many texts."""
    counts = [Counter(part for cell in cells for part in target.parts(cell)) for cells in named.values()]
    texts = max(map(len, named.values()), default=0)
    for part in sorted(set().union(*counts)):
        frequencies = [count[part] for count in counts]
        if max(frequencies) >= max(FEWEST, SHARE * texts):
            yield min(frequencies) / max(frequencies), part
