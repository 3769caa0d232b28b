"""The setups of the benchmark, one per data set and purpose."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.catalog.recipe import Recipe

SEEDS = (7, 8, 9)


@dataclass(frozen=True)
class Setup:
    """A recipe on a data set; `whole`: it learns from train and validation texts, with nothing left to choose."""

    name: str
    data: str
    recipe: Recipe = field(default_factory=Recipe)
    base: str = "minilm"
    whole: bool = False
    seeds: tuple[int, ...] = SEEDS

    def identity(self) -> dict[str, Any]:
        """All fields as plain values, and the version of the training engine."""
        from pipelines.training.challenger import ENGINE

        return asdict(self) | {"recipe": self.recipe.model_dump(mode="json"), "engine": ENGINE}


# Without dropout in the encoder, CPUs use a fused attention.
_FAST = Recipe(batch=64, encoder_dropout=0)


def _fast(**changes: Any) -> Recipe:
    return _FAST.model_copy(update=changes)


_SENTIMENT = _fast(epochs=2, batch=32, frozen_layers=4, rate=4e-4)
_LARGE = "sentence-transformers/all-mpnet-base-v2"  # 109M parameters, as many as BERT-base; from a hub or its cache
_ALL = (
    Setup(
        "banking77", "banking77", _fast(epochs=8, batch=32, rate=3e-4, head_rate=2e-4, label_smoothing=0.1), whole=True
    ),
    Setup("clinc150", "clinc150", _fast(epochs=4, rate=3e-4, head_rate=2e-4, label_smoothing=0.1), seeds=(7, 8)),
    Setup(
        "clinc150-large",
        "clinc150",
        _fast(epochs=4, rate=2e-4, head_rate=2e-4, frozen_layers=6, label_smoothing=0.1),
        base=_LARGE,
        seeds=(7,),
    ),
    Setup(
        "airline",
        "airline",
        _fast(epochs=2, batch=32, rate=2e-4, head_rate=2e-4, frozen_layers=6),
        base=_LARGE,
        whole=True,
        seeds=(7,),
    ),
    Setup("airline-120s", "airline", _SENTIMENT),
    Setup("sst2", "sst2", _fast(rate=2e-4, head_rate=2e-4, frozen_layers=0, layer_decay=0.85), seeds=(7, 8)),
    Setup("waimai", "waimai", _fast(frozen_layers=0, rate=3e-4), seeds=(7,)),
    Setup("instant-banking77", "banking77", _fast(epochs=0, frozen_layers=0), whole=True, seeds=(7,)),
    Setup("instant-clinc150", "clinc150", _fast(epochs=0, frozen_layers=0), seeds=(7,)),
    Setup("quick-banking77", "banking77", _fast(epochs=0, frozen_layers=0), whole=True, seeds=(7,)),
    Setup("quick-airline", "airline", _SENTIMENT, seeds=(7,)),
    Setup("matrix-rate", "banking77", _fast(epochs=1, precision="fp32"), seeds=(7,)),
    Setup("matrix-rate-auto", "banking77", _fast(epochs=1), seeds=(7,)),
    Setup("matrix-rate-airline", "airline", _fast(epochs=1, precision="fp32"), seeds=(7,)),
    Setup("matrix-rate-airline-auto", "airline", _fast(epochs=1), seeds=(7,)),
    Setup("retraining", "airline", _SENTIMENT, seeds=(7, 8)),
)
SETUPS = {setup.name: setup for setup in _ALL}
