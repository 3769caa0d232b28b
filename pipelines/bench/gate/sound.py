"""Evidence that no trial simulates: as good as it can be, so that it never decides."""

from typing import Any

from pipelines.evaluation.agreement import Agreement
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.burden import Burden
from pipelines.evaluation.calibration import Trust
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.recent import Recent
from pipelines.evaluation.scope import Scope
from pipelines.evaluation.scorecard import Doubts

SOUND: dict[str, Any] = {
    "agreement": Agreement(texts=1, differ=0),
    "trust": Trust(error=0, brier=0, bars=()),
    "scope": Scope(outside=1, threshold=0, recall=1, auroc=1, kept=1),
    "burden": Burden(milliseconds=1, bytes=1),
    "slices": (),
    "behaviour": (Capability("not simulated", "direction", cases=1, failed=0),),
    "fairness": Fairness((Group("not simulated", texts=1, flipped=0),), ratio=1, label=""),
    "harmful": (),
    "doubts": Doubts(leaks=0, suspects=0),
    "recent": Recent(texts=0, right=0, enough=False, since=0),
}
