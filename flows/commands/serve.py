"""Commands that run servers or check the installation: up, serve, doctor."""

import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.commands.report import Json
from pipelines.runtime.interpreter import MODULE
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from flows.processes.up import Addresses

DEFAULT_PORT = "without it {} or the next free one, 0: any free one."
Host = Annotated[str, typer.Option(help="Address to listen on; the loopback is the safe default.")]


def up(
    host: Host = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help=f"Port of the service; {DEFAULT_PORT.format(8000)}")] = None,
    prefect_port: Annotated[int | None, typer.Option(help=f"Port of Prefect; {DEFAULT_PORT.format(4200)}")] = None,
    mlflow_port: Annotated[int | None, typer.Option(help=f"Port of MLflow; {DEFAULT_PORT.format(5000)}")] = None,
    as_json: Json = False,
) -> None:
    """Start Prefect, MLflow, the service and the schedules on this machine; ctrl-c stops everything."""
    from flows.processes.ports import Ports
    from flows.processes.up import all_services, watch

    def say(line: str) -> None:
        typer.echo(line, err=True)

    settings = Settings().activate()
    try:
        with all_services(settings, host, Ports(port, prefect_port, mlflow_port), say) as (addresses, parts):
            if as_json:
                typer.echo(json.dumps(vars(addresses)))
            else:
                Console().print(_addresses(addresses))
                # Printed below the table, whose cells may wrap.
                for line in _sign_in(addresses):
                    typer.echo(line)
            sys.stdout.flush()
            watch(parts, settings.home / "logs")
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


def _addresses(addresses: "Addresses") -> Table:
    table = Table("part", "address", title="Needloop is up; ctrl-c stops it")
    for part in ("service", "prefect", "mlflow", "docs"):
        table.add_row(part, getattr(addresses, part))
    return table


def _sign_in(addresses: "Addresses") -> Iterator[str]:
    yield f"To sign in, open {addresses.sign_in}"
    secret = f"the line in {addresses.prefect_auth}" if addresses.prefect_auth else "your own secret"
    yield f"Prefect's page asks for {secret}"
    if addresses.mlflow_auth:
        yield f"MLflow's page asks for user and password (before and after the colon) in {addresses.mlflow_auth}"


def serve(host: Host = "127.0.0.1", port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000) -> None:
    """Start the service alone. It serves every champion and loads new ones by itself."""
    settings = Settings().activate()
    # The service itself prints its address once it answers.
    typer.echo(f"starting the service (state: {settings.home}); ctrl-c stops it", err=True)
    command = [*MODULE, "pipelines.serving", "--host", host, "--port", str(port), "--link"]
    os.execv(sys.executable, command)  # noqa: S606  the service replaces this process and gets its signals


def doctor(as_json: Json = False) -> None:
    """Check the installation and print advice. Exit code 0: all checks pass; 1: a check failed."""
    from flows.commands.diagnosis import run_checks

    checks = run_checks(Settings().activate(sound=False))
    if as_json:
        typer.echo(json.dumps([vars(check) for check in checks], indent=1))
    else:
        table = Table("", "check", "found", "what to do", title="needloop doctor")
        for check in checks:
            table.add_row("[green]ok[/green]" if check.ok else "[red]no[/red]", check.name, check.found, check.advice)
        Console().print(table)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


COMMANDS = (up, serve, doctor)
