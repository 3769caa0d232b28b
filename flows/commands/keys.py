"""Commands about API keys: create, list, rotate, revoke."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from flows.commands.report import Json
from pipelines.runtime.settings import Settings
from pipelines.store.key_scopes import SCOPES

if TYPE_CHECKING:
    from pipelines.store.keys import Key
    from pipelines.store.store import Store

Name = Annotated[str, typer.Argument(help="Whose key: a name made of letters, digits, dots and dashes.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help=f"{', '.join(SCOPES)}; repeat it for more than one.")]

keys = typer.Typer(help="API keys: who may ask the service what.", no_args_is_help=True)


@keys.command()
def create(name: Name, scope: Scopes = None, as_json: Json = False) -> None:
    """Make a key and print its secret, this once. Without --scope it may predict and give feedback."""
    scopes = tuple(dict.fromkeys(scope or ("predict", "feedback")))
    secret = _store().create_key(name, scopes)
    _remember()
    _shown(name, secret, as_json)


@keys.command("list")
def listed(as_json: Json = False) -> None:
    """List every key there ever was, without secrets."""
    found = _store().issued()
    if as_json:
        typer.echo(json.dumps([_plain(key) for key in found], indent=1))
        return
    table = Table("id", "name", "scopes", "made", "revoked", title="API keys")
    for key in found:
        table.add_row(key.id, key.name, ", ".join(key.scopes), f"{key.created:%F %T}", _day(key))
    Console().print(table)


@keys.command()
def rotate(name: Name, as_json: Json = False) -> None:
    """Give a key a new secret and print it, this once; the old one is refused from now on."""
    _shown(name, _store().rotate_key(name), as_json)


@keys.command()
def revoke(name: Name, as_json: Json = False) -> None:
    """Have a key refused from now on."""
    store = _store()
    store.revoke_key(name)
    left = [key.name for key in store.issued() if key.revoked is None]
    if as_json:
        typer.echo(json.dumps({"revoked": name, "left": left}))
        return
    advice = f"left: {', '.join(left)}" if left else "none is left, and the service stays closed without one"
    typer.echo(f"{name} is revoked; {advice}")


def _store() -> "Store":
    from pipelines.store.store import Store

    return Store(Settings().activate().database)


def _remember() -> None:
    """That there was a key, also without the database; a service that sees the key remembers it as well."""
    from pipelines.store import keymark

    try:
        keymark.mark(Settings().home)
    except OSError as error:
        typer.echo(f"only the database knows of this key: {error}", err=True)


def _shown(name: str, secret: str, as_json: bool) -> None:
    """The secret alone on standard output, for `NEEDLOOP_API_KEY=$(needloop keys create NAME)`."""
    if as_json:
        typer.echo(json.dumps({"name": name, "id": secret.split("_")[1], "secret": secret}))
        return
    typer.echo(secret)
    typer.echo("only its hash is kept: note it now. Clients send `Authorization: Bearer SECRET`.", err=True)


def _plain(key: "Key") -> dict[str, Any]:
    times = {"created": key.created.isoformat(), "revoked": key.revoked and key.revoked.isoformat()}
    return vars(key) | times


def _day(key: "Key") -> str:
    return f"{key.revoked:%F %T}" if key.revoked else ""
