"""Commands that keep running or look after the machine: up, serve, doctor."""

import json
import os
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.commands.report import Json
from pipelines.settings import Settings

Host = Annotated[str, typer.Option(help="Address to listen on; the loopback is the safe default.")]


def up(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the service; 0 takes a free one.")] = 0,
    as_json: Json = False,
) -> None:
    """Start Prefect, MLflow, the service and the schedules on this machine; ctrl-c stops everything."""
    from flows.up import everything

    settings = Settings().activate()
    try:
        with everything(settings, host, port) as (addresses, child):
            if as_json:
                typer.echo(json.dumps(vars(addresses)))
            else:
                Console().print(_addresses(vars(addresses)))
            sys.stdout.flush()
            while child.poll() is None:
                time.sleep(0.5)
            raise RuntimeError(f"the deployments stopped; see {settings.home / 'logs' / 'deployments.log'}")
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


def _addresses(found: dict[str, str]) -> Table:
    table = Table("what", "where", title="Needloop is up; ctrl-c stops it")
    for name, address in found.items():
        table.add_row(name, address)
    return table


def serve(host: Host = "127.0.0.1", port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000) -> None:
    """Start the service alone. It answers with every champion and takes up new ones by itself."""
    settings = Settings().activate()
    # Where it answers, the service says itself, once it does.
    typer.echo(f"starting the service (state: {settings.home}); ctrl-c stops it", err=True)
    command = [sys.executable, "-m", "pipelines.serving", "--host", host, "--port", str(port)]
    os.execv(sys.executable, command)  # noqa: S606  the service replaces this process and gets its signals


def doctor(as_json: Json = False) -> None:
    """Check the installation and say what to do. Exit code 0: all well; 1: something needs doing."""
    from flows.diagnosis import examined

    checks = examined(Settings().activate())
    if as_json:
        typer.echo(json.dumps([vars(check) for check in checks], indent=1))
    else:
        table = Table("", "check", "found", "what to do", title="needloop doctor")
        for check in checks:
            table.add_row("[green]ok[/green]" if check.ok else "[red]no[/red]", check.name, check.found, check.advice)
        Console().print(table)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


COMMANDS = (up, serve, doctor)
