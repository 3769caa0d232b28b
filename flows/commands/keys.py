"""Commands about API keys: create, list, rotate, revoke."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from flows.commands.report import Json
from pipelines.store.key_scopes import SCOPES
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.store.keys import Key
    from pipelines.store.store import Store

Name = Annotated[str, typer.Argument(help="Name of the key: letters, digits, dots and dashes.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help=f"{', '.join(SCOPES)}; may be repeated. Default: predict and feedback."),
]

keys = typer.Typer(help="API keys and their scopes: create, list, rotate and revoke keys.", no_args_is_help=True)


@keys.command()
def create(name: Name, scope: Scopes = None, as_json: Json = False) -> None:
    """Create a key and print its secret, which is shown only once. Default scopes: predict and feedback."""
    scopes = tuple(dict.fromkeys(scope or ("predict", "feedback")))
    secret = _store().create_key(name, scopes)
    _mark_home()
    _print_secret(name, secret, as_json)


@keys.command("list")
def listed(as_json: Json = False) -> None:
    """List all keys, revoked ones included, without secrets."""
    rows = _store().list_keys()
    if as_json:
        typer.echo(json.dumps([_plain(key) for key in rows], indent=1))
        return
    table = Table("id", "name", "scopes", "created", "revoked", title="API keys")
    for key in rows:
        table.add_row(key.id, key.name, ", ".join(key.scopes), f"{key.created:%F %T}", _revocation_time(key))
    Console().print(table)


@keys.command()
def rotate(name: Name, as_json: Json = False) -> None:
    """Give a key a new secret and print it, which is shown only once. The old secret is refused from now on."""
    _print_secret(name, _store().rotate_key(name), as_json)


@keys.command()
def revoke(name: Name, as_json: Json = False) -> None:
    """Revoke a key: it is refused from now on."""
    store = _store()
    store.revoke_key(name)
    left = [key.name for key in store.list_keys() if key.revoked is None]
    if as_json:
        typer.echo(json.dumps({"revoked": name, "left": left}))
        return
    remaining = (
        f"remaining keys: {', '.join(left)}" if left else "no key is left, and the service stays closed without one"
    )
    typer.echo(f"{name} is revoked; {remaining}")


def _store() -> "Store":
    from pipelines.store.store import Store

    return Store(Settings().activate().database)


def _mark_home() -> None:
    """Record outside the database that a key was made; a service that sees a key does the same."""
    from pipelines.store import keyring

    try:
        keyring.mark(Settings().home)
    except OSError as error:
        typer.echo(
            f"the file that records the first key was not written, only the database has the key: {error}", err=True
        )


def _print_secret(name: str, secret: str, as_json: bool) -> None:
    """Print the secret alone on standard output, for `NEEDLOOP_API_KEY=$(needloop keys create NAME)`."""
    if as_json:
        typer.echo(json.dumps({"name": name, "id": secret.split("_")[1], "secret": secret}))
        return
    typer.echo(secret)
    typer.echo("save the secret now: only its hash is stored. Clients send `Authorization: Bearer SECRET`.", err=True)


def _plain(key: "Key") -> dict[str, Any]:
    times = {"created": key.created.isoformat(), "revoked": key.revoked and key.revoked.isoformat()}
    return vars(key) | times


def _revocation_time(key: "Key") -> str:
    return f"{key.revoked:%F %T}" if key.revoked else ""
