"""What a confidence is worth, as measures: that it means what it says, and tells texts of no label."""

from collections.abc import Iterator

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, ceiling, unshown
from pipelines.evaluation.out_of_scope import outside, recalled, threshold, unsure
from pipelines.kinds.classification.evaluation.label_calibration import Trust, trust
from pipelines.kinds.classification.evaluation.out_of_scope_recall import Scope, scope
from pipelines.kinds.labelled.label_probabilities import chances


def calibrated(case: Case) -> Iterator[Measure | Attachment]:
    """On the test texts."""
    told = {who: chances(answers) for who, answers in case.answers.items()}
    found = trust(case.test["label"].tolist(), told[CHALLENGER], told.get(CHAMPION))
    yield Attachment("trust", found)
    yield from trusted(found, case.gate)


def trusted(found: Trust | None, gate: Gate) -> Iterator[Measure]:
    """What the gate asks of calibration."""
    name, asked = "test.calibration_error", "calibration"
    if found is None:
        yield unshown(name, "calibration", asked)
    else:
        yield ceiling(name, found.error, gate.calibration, "calibration: confidence is off by", asked)
        yield Measure("test.brier", found.brier)


def scoped(case: Case) -> Iterator[Measure | Attachment]:
    """On texts that are about none of the labels; none where no validation text could set a threshold."""
    limit = threshold(case)
    found = None if limit is None else scope(case.answers[CHALLENGER].sure, case.ask(outside(case.spec)).sure, limit)
    yield Attachment("scope", found)
    yield from told_apart(found, case.gate)


def told_apart(found: Scope | None, gate: Gate) -> Iterator[Measure]:
    """The measures of scope that the gate compares with its limits."""
    yield recalled(found.recall if found else None, gate)
    if found is None:
        return
    yield Measure("scope.auroc", found.auroc)
    yield from unsure(1 - found.kept, gate)
