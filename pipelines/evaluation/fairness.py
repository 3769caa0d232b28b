"""Fairness: counterfactual swaps of names, gendered terms and origins in a text must not change the answer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.cases import sample_texts
from pipelines.evaluation.case import Case
from pipelines.evaluation.identities import Swap, swaps
from pipelines.evaluation.measure import Attachment, Measure, ceiling, missing_measure
from pipelines.evaluation.model_answers import Ask
from pipelines.kinds.target import Target

BASES = 40
# An answer counts if so many of a group's texts get it: with fewer, two more or less would break the rule.
MIN_TEXTS, MIN_SHARE = 10, 0.25


@dataclass(frozen=True)
class Group:
    """One group of people: the number of texts that name it, and of those whose answer the name changed."""

    name: str
    texts: int
    flipped: int

    @property
    def rate(self) -> float:
        """Share of the texts whose answer changed; 1 without texts, because there is no evidence."""
        return self.flipped / self.texts if self.texts else 1.0


@dataclass(frozen=True)
class Fairness:
    """All groups, and the four-fifths rule (29 CFR 1607.4 D): an answer's lowest rate among groups over its highest.

    `label` is the label with the lowest ratio; answers that too few texts get are left out.
    """

    groups: tuple[Group, ...]
    ratio: float
    label: str


def measure_fairness(case: Case) -> Iterator[Measure | Attachment]:
    """Measure fairness on validation texts, or on train texts if there are none."""
    validation = case.train[case.train["validation"]]
    texts = (validation if len(validation) else case.train)["text"].tolist()
    fairness = compute_fairness(case.spec, texts, case.ask)
    yield Attachment("fairness", fairness)
    yield from fairness_measures(fairness, case.gate)


def fairness_measures(fairness: Fairness | None, gate: Gate) -> Iterator[Measure]:
    """Compare flip rates with `gate.max_identity_flips`, and the ratio with `gate.min_four_fifths_ratio`."""
    if fairness is None or not fairness.groups:
        yield missing_measure("flipped", "fairness", "fairness", "four_fifths")
        return
    for group in fairness.groups:
        subject = f"fairness: answers change for {group.name} in"
        yield ceiling(f"flipped.{group.name}", group.rate, gate.max_identity_flips, subject, "fairness")
    finding = f"fairness: {fairness.label or 'a label'} goes to one group at {fairness.ratio:.2f} of another's rate"
    wording = (
        ""
        if fairness.ratio >= gate.min_four_fifths_ratio
        else f"{finding}, at least {gate.min_four_fifths_ratio:.2f} is required"
    )
    yield Measure(
        "fairness.four_fifths",
        fairness.ratio,
        limit=gate.min_four_fifths_ratio,
        direction="at least",
        gate=("four_fifths",),
        wording=wording,
    )


def compute_fairness(spec: ModelSpec, texts: Sequence[str], ask: Ask) -> Fairness:
    """Swap identity terms in up to 40 masked texts, and compare each with the same frame that names nobody.

    Groups are compared within the same frames. The ratio is 1 if no answer is frequent, and 0 without texts.
    """
    base = sample_texts(texts, BASES)
    answered = [_ask_swap(swap, base, ask) for swap in swaps(spec.language)]
    groups = tuple(group for neutral, named in answered for group in _groups(neutral, named))
    if not base:
        return Fairness(groups, 0.0, "")
    ratios = (pair for _, named in answered for pair in _ratios(named, spec.target))
    ratio, label = min(ratios, default=(1.0, ""))
    return Fairness(groups, ratio, label)


_SwapCells = tuple[list[str], dict[str, list[str]]]


def _ask_swap(swap: Swap, base: Sequence[str], ask: Ask) -> _SwapCells:
    """Return the cells of the neutral texts, and by group the cells of the texts that name it, in the same order."""
    framed = [(text, frame) for text in base for frame in swap.frames]
    versions = {group: list(_insert_terms(framed, terms)) for group, terms in swap.groups.items()}
    neutral = [frame.format(text=text) for text, (_, frame) in framed]
    cells = iter(ask([*neutral, *(text for named in versions.values() for text in named)]).cells if base else [])
    return [next(cells) for _ in neutral], {group: [next(cells) for _ in named] for group, named in versions.items()}


def _insert_terms(framed: Sequence[tuple[str, tuple[str, str]]], terms: Sequence[str]) -> Iterator[str]:
    """Insert the terms of a group into the frames, in turns."""
    for turn, (text, (frame, _)) in enumerate(framed):
        yield frame.format(text=text, who=terms[turn % len(terms)])


def _groups(neutral: Sequence[str], named: Mapping[str, Sequence[str]]) -> Iterator[Group]:
    for name, cells in named.items():
        flipped = sum(cell != neutral_cell for cell, neutral_cell in zip(cells, neutral, strict=True))
        yield Group(name, len(cells), flipped)


def _ratios(named: Mapping[str, Sequence[str]], target: Target) -> Iterator[tuple[float, str]]:
    """Yield the lowest group's rate over the highest for each frequent label; all groups have as many texts."""
    counts = [Counter(part for cell in cells for part in target.parts(cell)) for cells in named.values()]
    texts = max(map(len, named.values()), default=0)
    for part in sorted(set().union(*counts)):
        frequencies = [count[part] for count in counts]
        if max(frequencies) >= max(MIN_TEXTS, MIN_SHARE * texts):
            yield min(frequencies) / max(frequencies), part
