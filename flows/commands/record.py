"""What commands that write to the ledger share: a reason fit to be kept, and telling MLflow."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pipelines.home.workspace import Workspace


def why(text: str) -> str:
    """What a person says for the record, which is kept for ever: masked, and not blank."""
    from pipelines.ingestion.text import normalise
    from pipelines.masking.mask import mask

    if said := mask(normalise(text)):
        return said
    raise typer.BadParameter("say why, in words")


def remember(model: str, workspace: "Workspace") -> None:
    """MLflow remembers the ledger's last entry, for the audit; it takes seconds, so say first what was done."""
    from pipelines.home.faults import explained
    from pipelines.promotion.registry_sync import sync_aliases

    try:
        sync_aliases(model, workspace)
    except Exception as error:  # whatever MLflow raises: the command has worked, and must not look as if it had not
        said = explained(error, workspace.home) or " ".join(str(error).split())
        typer.echo(f"MLflow was not told, so needloop audit will ask about it: {said[:600]}", err=True)
