"""Texts that a model is not about, and the confidence under which its answers are not to be acted on."""

from collections.abc import Iterator

from pipelines.catalog.spec import Gate, ModelSpec
from pipelines.evaluation.behaviour.offtopic import off_topic
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Measure, ceiling, unshown
from pipelines.inference.artefact import card as package_card
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import mask

UNSURE = 0.1  # of the test texts; of the validation texts it was a twentieth
OUTSIDE = 300  # texts: the standard error of a recall is three points


def threshold(case: Case) -> float | None:
    """The confidence under which the challenger abstains, if it has one."""
    found: float | None = package_card(case.contest.packages[CHALLENGER]).get("threshold")
    return found


def recalled(recall: float | None, gate: Gate) -> Measure:
    """The share of texts outside that are told as such, held against `gate.scope`; none without a threshold."""
    if recall is None:
        return unshown("scope.recall", "out-of-scope texts: without validation texts there is no threshold", "scope")
    said = f"tells {recall:.1%} of out-of-scope texts, not {gate.scope:.1%}"
    wording = "" if recall >= gate.scope else said
    return Measure("scope.recall", recall, limit=gate.scope, direction="at least", gate=("scope",), wording=wording)


def unsure(share: float, gate: Gate) -> Iterator[Measure]:
    """The share of test texts that are told as such: where scope is asked, a model that is never sure must not pass."""
    if gate.scope > 0:
        yield ceiling("scope.unsure", share, UNSURE, "out of scope: unsure of texts of the labels,", "scope")


def outside(spec: ModelSpec) -> list[str]:
    """Masked texts that the model is not about: the declared ones that hash lowest, else bundled ones."""
    if spec.source.outside is None:
        return list(off_topic(spec.language))
    columns = spec.source.model_copy(
        update={"label": None, "id": None, "confidence": None, "channel": None, "customer": None}
    )
    texts = (normalise(one.text) for one in read(spec.source.outside, columns) if isinstance(one, Record))
    return [mask(text, spec.source.keep_handles) for text in sorted(texts, key=digest)[:OUTSIDE]]
