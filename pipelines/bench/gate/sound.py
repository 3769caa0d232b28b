"""The scorecard of a trial: what it simulates is measured, and all else that a gate asks for is taken as sound."""

from pipelines.catalog.spec import Gate
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.scorecard import Scorecard, gathered
from pipelines.kinds.classification.evaluation.label_quality import floors, over_the_baselines, premises
from pipelines.kinds.classification.evaluation.label_scores import Standings
from pipelines.kinds.classification.evaluation.label_superiority import against_champion


def simulated(rows: int, found: Standings, gate: Gate, *more: Measure | Attachment) -> Scorecard:
    """Of so many texts; `more` is what was found beyond who is right, and what nothing answers never decides."""
    own = (*premises(rows, found), *floors(found, gate), *more)
    everything = (*own, *against_champion(rows, found, gate), *over_the_baselines(found, gate))
    answered = {name for one in everything if isinstance(one, Measure) for name in one.gate}
    sound = (Measure(f"sound.{name}", None, gate=(name,)) for name in type(gate).model_fields if name not in answered)
    return gathered(rows, gate, (*everything, *sound))
