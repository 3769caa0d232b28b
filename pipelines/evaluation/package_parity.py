"""Whether what is served answers as what was trained: a random head, a bad quantisation, another tokenizer show."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Attachment, Measure, ceiling, unshown
from pipelines.evaluation.model_answers import Ask
from pipelines.inference.artefact import RECORDED
from pipelines.inference.reference_answers import recorded


@dataclass(frozen=True)
class Agreement:
    """Of so many texts, how many the service answers otherwise than the trained network did in memory."""

    texts: int
    differ: int

    @property
    def share(self) -> float:
        """Of the answers, those that differ; not a number without texts."""
        return self.differ / self.texts if self.texts else float("nan")


def agreement(package: Path, ask: Ask) -> Agreement | None:
    """By the answers that the package came with; none where it came with none."""
    if not (package / RECORDED).exists():
        return None
    known = recorded(package, most=None)
    cells = ask([one.text for one in known]).cells
    return Agreement(len(known), sum(cell != one.told for cell, one in zip(cells, known, strict=True)))


def fidelity(case: Case) -> Iterator[Measure | Attachment]:
    """The package, in a fresh process and over HTTP, answers as the trained network did."""
    found = agreement(case.contest.packages[CHALLENGER], case.ask)
    yield Attachment("agreement", found)
    yield faithful(found, case.gate)


def faithful(found: Agreement | None, gate: Gate) -> Measure:
    """The share of answers that differ, held against `gate.agreement`."""
    name, asked = "package.differs", "agreement"
    if found is None:
        what = "agreement with the trained network: the package records no answers, so train again"
        return unshown(name, what, asked)
    return ceiling(name, found.share, gate.agreement, "the service differs from the trained network in", asked)
