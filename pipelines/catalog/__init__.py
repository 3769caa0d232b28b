"""What users declare. `from pipelines.catalog import Gate, ModelSpec, Source` is the form for their own files."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.catalog.gate import Behaviour, Gate, Slice
    from pipelines.catalog.recipe import Recipe
    from pipelines.catalog.spec import ModelSpec, Retraining, Source

__all__ = ["Behaviour", "Gate", "ModelSpec", "Recipe", "Retraining", "Slice", "Source"]


def __getattr__(name: str) -> Any:
    """A name of `spec`, imported at first use: the kinds import `gate` and `recipe`, and `spec` imports the kinds."""
    if name in __all__:
        return getattr(import_module("pipelines.catalog.spec"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
