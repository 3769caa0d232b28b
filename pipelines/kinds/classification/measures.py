"""All that is measured of one version, in the order in which people read the reasons."""

from pipelines.evaluation.case import Measuring
from pipelines.evaluation.fairness import equity
from pipelines.evaluation.harm import harm
from pipelines.evaluation.package_parity import fidelity
from pipelines.evaluation.serving_cost import cost
from pipelines.evaluation.slices import parts
from pipelines.kinds.classification.evaluation.behaviour.label_behaviour import conduct
from pipelines.kinds.classification.evaluation.doubts import doubts
from pipelines.kinds.classification.evaluation.label_confidence import calibrated, scoped
from pipelines.kinds.classification.evaluation.label_quality import baselines, quality
from pipelines.kinds.classification.evaluation.label_superiority import superiority
from pipelines.kinds.classification.evaluation.recent_labels import latest

# A new check: its threshold in the gate, one file that measures it, one line here.
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
    doubts,
    superiority,
    baselines,
)
