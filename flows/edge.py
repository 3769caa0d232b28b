"""Where a flow meets the world: settings and the catalog are read here, and nowhere below."""

from pipelines.catalog import ModelSpec, find, load
from pipelines.settings import Settings


def declared(model: str) -> tuple[Settings, ModelSpec]:
    """The settings of this process and the declaration of a model."""
    settings = Settings().activate()
    return settings, find(model, load(settings))
