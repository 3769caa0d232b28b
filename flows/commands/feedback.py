"""The command that sends feedback on an answer to the running service: feedback."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.report import Json
from pipelines.client.blocking import Client
from pipelines.workspace.settings import Settings

BULK_ATTEMPTS = 8  # a long run outlasts half a minute in which the service is busy or restarts
Url = Annotated[
    str | None, typer.Option(help="Address of the service; without it NEEDLOOP_URL, else http://127.0.0.1:8000.")
]


def feedback(
    prediction: Annotated[str, typer.Argument(help="The id of the answer.")],
    label: Annotated[str | None, typer.Option(help="The right label.")] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="The right labels for a model of several labels, separated by commas: delay,staff."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="No label of the model is right.")] = False,
    correct: Annotated[
        bool | None, typer.Option("--correct/--incorrect", help="The answer was right, or was not.")
    ] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5 stars.")] = None,
    comment: Annotated[str | None, typer.Option(help="Free text; personal data is masked.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Customer who gives the feedback, if not the author of the message.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Send feedback on an answer to the running service. Retraining learns from the labels."""
    with service_client(url) as client:
        saved = client.feedback(
            prediction,
            label=label,
            correct=correct,
            rating=rating,
            comment=comment,
            customer=customer,
            labels=None if labels is None else [part.strip() for part in labels.split(",") if part.strip()],
            none=none,
        )
    typer.echo(json.dumps(asdict(saved)) if as_json else f"saved: {saved.id}")


def service_client(url: str | None, attempts: int = 5) -> Client:
    """A client of the service at `url`, or at the address of the settings."""
    settings = Settings()
    return Client(url or settings.url, settings.api_key, attempts)


COMMANDS = (feedback,)
