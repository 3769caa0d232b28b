"""Where a flow meets the world: settings and the catalog are read here, and nowhere below."""

from pipelines.catalog.spec import ModelSpec, find, load
from pipelines.home.workspace import Workspace
from pipelines.runtime.settings import Settings


def opened() -> Workspace:
    """The home that this process's settings name."""
    return Settings().activate().workspace


def load_model(model: str) -> tuple[Workspace, ModelSpec]:
    """That home and the declaration of a model."""
    workspace = opened()
    return workspace, find(model, load(workspace.catalog_file))
