"""Out-of-scope texts, and the measures of a model's reaction to them."""

from collections.abc import Iterator

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.behaviour.offtopic import off_topic_texts
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Measure, ceiling, missing_measure
from pipelines.inference.artefact import read_package_metadata
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import mask

MAX_UNSURE_SHARE = 0.1  # of the test texts; the threshold leaves 5% of the validation texts below it
MAX_TEXTS = 300  # texts: the standard error of a recall is three points


def confidence_threshold(case: Case) -> float | None:
    """Return the confidence below which the challenger abstains, or None without one."""
    value: float | None = read_package_metadata(case.service.packages[CHALLENGER]).get("threshold")
    return value


def recall_measure(recall: float | None, gate: Gate) -> Measure:
    """Compare the recall on out-of-scope texts with `gate.min_oos_recall`; None: the model has no threshold."""
    if recall is None:
        return missing_measure(
            "scope.recall", "out-of-scope texts: without validation texts there is no threshold", "scope"
        )
    finding = f"recognises {recall:.1%} of out-of-scope texts; at least {gate.min_oos_recall:.1%} is required"
    wording = "" if recall >= gate.min_oos_recall else finding
    return Measure(
        "scope.recall", recall, limit=gate.min_oos_recall, direction="at least", gate=("scope",), wording=wording
    )


def unsure_measures(share: float, gate: Gate) -> Iterator[Measure]:
    """Limit the share of test texts answered without confidence: a model that is never confident must not pass."""
    if gate.min_oos_recall > 0:
        yield ceiling(
            "scope.unsure",
            share,
            MAX_UNSURE_SHARE,
            "out of scope: low confidence in texts about the labels in",
            "scope",
        )


def out_of_scope_texts(spec: ModelSpec) -> list[str]:
    """Return masked out-of-scope texts: the declared ones with the lowest digests, or the bundled ones."""
    if spec.source.out_of_scope is None:
        return list(off_topic_texts(spec.language))
    columns = spec.source.model_copy(
        update={"label": None, "id": None, "confidence": None, "channel": None, "customer": None}
    )
    texts = (normalise(row.text) for row in read(spec.source.out_of_scope, columns) if isinstance(row, Record))
    return [mask(text, spec.source.masking) for text in sorted(texts, key=digest)[:MAX_TEXTS]]
