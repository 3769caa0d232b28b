"""All that is measured of one version, in the order in which people read the reasons."""

from pipelines.evaluation.agreement import fidelity
from pipelines.evaluation.burden import cost
from pipelines.evaluation.case import Measuring
from pipelines.evaluation.fairness import equity
from pipelines.evaluation.harm import harm
from pipelines.evaluation.slices import parts
from pipelines.kinds.classification.evaluation.behaviour.conduct import conduct
from pipelines.kinds.classification.evaluation.confidence import calibrated, scoped
from pipelines.kinds.classification.evaluation.doubts import doubts
from pipelines.kinds.classification.evaluation.quality import baselines, quality
from pipelines.kinds.classification.evaluation.recent import latest
from pipelines.kinds.classification.evaluation.superiority import superiority

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
