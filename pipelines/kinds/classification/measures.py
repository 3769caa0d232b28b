"""The measures of a version with one label per text, in the order of the reasons."""

from pipelines.evaluation.case import MeasureFunction
from pipelines.evaluation.fairness import measure_fairness
from pipelines.evaluation.harm import measure_harm
from pipelines.evaluation.package_parity import measure_parity
from pipelines.evaluation.serving_cost import measure_serving_cost
from pipelines.evaluation.slices import measure_slices
from pipelines.evaluation.truncated_texts import measure_truncation
from pipelines.kinds.classification.evaluation.behaviour.label_behaviour import measure_behaviour
from pipelines.kinds.classification.evaluation.doubts import measure_data
from pipelines.kinds.classification.evaluation.label_confidence import measure_calibration, measure_scope
from pipelines.kinds.classification.evaluation.label_quality import measure_baselines, measure_quality
from pipelines.kinds.classification.evaluation.label_superiority import measure_superiority
from pipelines.kinds.classification.evaluation.recent_labels import measure_recent

# A new check needs a threshold in the gate, one file that measures it, and one line here.
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
    measure_data,
    measure_superiority,
    measure_baselines,
    measure_truncation,
)
