"""Shared by commands that write to the ledger: the masked reason, and the update of MLflow."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace


def mask_reason(text: str) -> str:
    """A person's reason, masked for the ledger; raises BadParameter if it is blank."""
    from pipelines.ingestion.text import normalise
    from pipelines.masking.mask import mask

    if reason := mask(normalise(text)):
        return reason
    raise typer.BadParameter("the reason is empty: give one in words")


def update_mlflow(model: str, workspace: "Workspace") -> None:
    """Write the ledger's last entry to MLflow for the audit. It takes seconds, so print the result before."""
    from pipelines.home.faults import explain_fault
    from pipelines.promotion.registry_sync import sync_aliases

    try:
        sync_aliases(model, workspace)
    except Exception as error:  # any error of MLflow: the command itself has succeeded and must not look failed
        sentence = explain_fault(error, workspace.home) or " ".join(str(error).split())
        typer.echo(f"MLflow was not updated, and `needloop audit` will name the difference: {sentence[:600]}", err=True)
