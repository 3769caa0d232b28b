"""The inputs of a flow: it reads settings and the catalog here, and nothing below reads them."""

from pipelines.catalog.catalog_file import find, load
from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.settings import Settings
from pipelines.workspace.workspace import Workspace


def open_workspace() -> Workspace:
    """The workspace of the home that this process's settings name."""
    return Settings().activate().workspace


def load_model(model: str, accept_loss: bool = False) -> tuple[Workspace, ModelSpec]:
    """The workspace and the declaration of a model; raises UnknownModel.

    With `accept_loss`, its corpus may lose more than half of the source's rows in this run.
    """
    workspace = open_workspace()
    spec = find(model, load(workspace.catalog_file))
    if not accept_loss:
        return workspace, spec
    return workspace, spec.model_copy(update={"source": spec.source.model_copy(update={"accept_loss": True})})
