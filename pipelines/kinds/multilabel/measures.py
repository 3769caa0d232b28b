"""The measures of a version with several labels per text, in the order of the reasons."""

from pipelines.evaluation.case import MeasureFunction
from pipelines.evaluation.fairness import measure_fairness
from pipelines.evaluation.harm import measure_harm
from pipelines.evaluation.leakage import measure_leakage
from pipelines.evaluation.package_parity import measure_parity
from pipelines.evaluation.recent_feedback import measure_recent
from pipelines.evaluation.serving_cost import measure_serving_cost
from pipelines.evaluation.slices import measure_slices
from pipelines.evaluation.truncated_texts import measure_truncation
from pipelines.kinds.multilabel.evaluation.set_behaviour import measure_behaviour
from pipelines.kinds.multilabel.evaluation.set_confidence import measure_calibration, measure_scope
from pipelines.kinds.multilabel.evaluation.set_quality import measure_baselines, measure_quality
from pipelines.kinds.multilabel.evaluation.set_superiority import measure_superiority

MEASURES: tuple[MeasureFunction, ...] = (
    measure_quality,
    measure_parity,
    measure_serving_cost,
    measure_calibration,
    measure_scope,
    measure_behaviour,
    measure_fairness,
    measure_harm,
    measure_slices,
    measure_recent,
    measure_leakage,
    measure_superiority,
    measure_baselines,
    measure_truncation,
)
