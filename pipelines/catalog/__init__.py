"""Declarations of models. `from pipelines.catalog import Gate, ModelSpec, Source` is the form for users' files."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.catalog.gate import Behaviour, Gate, Slice
    from pipelines.catalog.recipe import Recipe
    from pipelines.catalog.spec import ModelSpec, Retraining, Source

__all__ = ["Behaviour", "Gate", "ModelSpec", "Recipe", "Retraining", "Slice", "Source"]

_MODULES = {"Behaviour": "gate", "Gate": "gate", "Recipe": "recipe", "Slice": "gate"}


def __getattr__(name: str) -> Any:
    """A class of a module below, imported at first use: `spec` imports the kinds, which import `gate` and `recipe`."""
    if name in __all__:
        return getattr(import_module(f"pipelines.catalog.{_MODULES.get(name, 'spec')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
