"""The recipes that were kept, one per data set and purpose; each was chosen on validation texts."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.recipe import Recipe

SEEDS = (7, 8, 9)


@dataclass(frozen=True)
class Kept:
    """A recipe on a data set; `whole`: chosen already, it learns from train and validation texts alike."""

    name: str
    data: str
    recipe: Recipe = field(default_factory=Recipe)
    base: str = "minilm"
    whole: bool = False
    seeds: tuple[int, ...] = SEEDS

    def identity(self) -> dict[str, Any]:
        """All of it, as plain values."""
        return asdict(self) | {"recipe": self.recipe.model_dump(mode="json")}


_BUSY = Recipe(epochs=1, batch=64, encoder_dropout=0)
_LISTED = (
    Kept("banking77", "banking77"),
    Kept("clinc150", "clinc150"),
    Kept("airline", "airline"),
    Kept("airline-120s", "airline"),
    Kept("sst2", "sst2"),
    Kept("waimai", "waimai"),
    Kept("instant-banking77", "banking77", Recipe(epochs=0), seeds=(7,)),
    Kept("instant-clinc150", "clinc150", Recipe(epochs=0), seeds=(7,)),
    Kept("quick-banking77", "banking77"),
    Kept("quick-airline", "airline"),
    Kept("matrix-rate", "banking77", _BUSY.model_copy(update={"precision": "fp32"}), seeds=(7,)),
    Kept("matrix-rate-auto", "banking77", _BUSY, seeds=(7,)),
    Kept("retraining", "airline"),
)
KEPT = {kept.name: kept for kept in _LISTED}
