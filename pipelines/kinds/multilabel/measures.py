"""All that is measured of one version that gives several labels, in the order in which people read the reasons."""

from pipelines.evaluation.case import Measuring
from pipelines.evaluation.fairness import equity
from pipelines.evaluation.harm import harm
from pipelines.evaluation.leakage import leaked
from pipelines.evaluation.package_parity import fidelity
from pipelines.evaluation.recent_feedback import latest
from pipelines.evaluation.serving_cost import cost
from pipelines.evaluation.slices import parts
from pipelines.kinds.multilabel.evaluation.set_behaviour import conduct
from pipelines.kinds.multilabel.evaluation.set_confidence import calibrated, scoped
from pipelines.kinds.multilabel.evaluation.set_quality import baselines, quality
from pipelines.kinds.multilabel.evaluation.set_superiority import superiority

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
