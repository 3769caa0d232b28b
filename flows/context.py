"""The inputs of a flow: it reads settings and the catalog here, and nothing below reads them."""

from pipelines.catalog.catalog_file import find, load
from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.settings import Settings
from pipelines.workspace.workspace import Workspace


def open_workspace() -> Workspace:
    """The workspace of the home that this process's settings name."""
    return Settings().activate().workspace


def load_model(model: str) -> tuple[Workspace, ModelSpec]:
    """The workspace and the declaration of a model; raises UnknownModel."""
    workspace = open_workspace()
    return workspace, find(model, load(workspace.catalog_file))
