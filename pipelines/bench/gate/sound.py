"""The scorecard of a trial: simulated measures, with all other thresholds taken as met."""

from pipelines.catalog.gate import Gate
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.scorecard import Scorecard, build_scorecard
from pipelines.kinds.classification.evaluation.label_quality import baseline_measures, floor_measures, premise_measures
from pipelines.kinds.classification.evaluation.label_scores import ScoreTable
from pipelines.kinds.classification.evaluation.label_superiority import superiority_measures


def simulated_scorecard(rows: int, scores: ScoreTable, gate: Gate, *further: Measure | Attachment) -> Scorecard:
    """The scorecard of `rows` texts with `further` evidence; thresholds without a measure never decide."""
    measured = (*premise_measures(rows, scores), *floor_measures(scores, gate), *further)
    evidence = (*measured, *superiority_measures(rows, scores, gate), *baseline_measures(scores, gate))
    covered = {name for item in evidence if isinstance(item, Measure) for name in item.gate}
    sound = (Measure(f"sound.{name}", None, gate=(name,)) for name in type(gate).model_fields if name not in covered)
    return build_scorecard(rows, gate, (*evidence, *sound))
