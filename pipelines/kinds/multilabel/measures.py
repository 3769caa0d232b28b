"""All that is measured of one version that gives several labels, in the order in which people read the reasons."""

from pipelines.evaluation.agreement import fidelity
from pipelines.evaluation.burden import cost
from pipelines.evaluation.case import Measuring
from pipelines.evaluation.fairness import equity
from pipelines.evaluation.harm import harm
from pipelines.evaluation.leakage import leaked
from pipelines.evaluation.recent import latest
from pipelines.evaluation.slices import parts
from pipelines.kinds.multilabel.evaluation.conduct import conduct
from pipelines.kinds.multilabel.evaluation.confidence import calibrated, scoped
from pipelines.kinds.multilabel.evaluation.quality import baselines, quality
from pipelines.kinds.multilabel.evaluation.superiority import superiority

MEASURES: tuple[Measuring, ...] = (
    quality,
    fidelity,
    cost,
    calibrated,
    scoped,
    conduct,
    equity,
    harm,
    parts,
    latest,
    leaked,
    superiority,
    baselines,
)
