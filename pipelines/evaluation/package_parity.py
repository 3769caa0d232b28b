"""Parity of the served package and the trained network: finds a random head, a bad quantisation, another tokenizer."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Attachment, Measure, ceiling
from pipelines.evaluation.model_answers import Ask
from pipelines.inference.artefact import REFERENCE_FILE, load_reference_answers


@dataclass(frozen=True)
class Agreement:
    """The number of texts, and of those that the service answers differently from the trained network in memory."""

    texts: int
    differ: int

    @property
    def share(self) -> float:
        """Share of the answers that differ; NaN without texts."""
        return self.differ / self.texts if self.texts else float("nan")


def compare_answers(package: Path, ask: Ask) -> Agreement | None:
    """Compare the answers with the reference answers in the package; None if it has none."""
    if not (package / REFERENCE_FILE).exists():
        return None
    references = load_reference_answers(package, most=None)
    cells = ask([reference.text for reference in references]).cells
    return Agreement(
        len(references),
        sum(cell != reference.comparison_key for cell, reference in zip(cells, references, strict=True)),
    )


def measure_parity(case: Case) -> Iterator[Measure | Attachment]:
    """Ask the package, in a fresh process over HTTP, for its reference answers and count the differences."""
    agreement = compare_answers(case.service.packages[CHALLENGER], case.ask)
    yield Attachment("agreement", agreement)
    yield parity_measure(agreement, case.gate)


def parity_measure(agreement: Agreement | None, gate: Gate) -> Measure:
    """Compare the share of answers that differ with `gate.max_package_mismatch`."""
    name, threshold = "package.differs", "agreement"
    if agreement is None:
        reason = "no evidence of package parity: the package records no answers; run: needloop train MODEL"
        return Measure(name, None, direction="at least", gate=(threshold,), wording=reason)
    return ceiling(
        name, agreement.share, gate.max_package_mismatch, "the service differs from the trained network in", threshold
    )
