"""The tables of the reference pages, read from the code: `make docs` writes them, `make lint` compares them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flows.commands.app import app as program
from pipelines.catalog.recipe import Adapter, Adversary, Augmentation, Budget, Ensemble, Pruning, Recipe
from pipelines.catalog.spec import Behaviour, Gate, ModelSpec, Slice, Source
from pipelines.catalog.spec import Retraining as Again
from pipelines.ledger import events as ledger
from pipelines.runtime.settings import Settings

WORDS = {str: "text", int: "integer", float: "number", bool: "`true` or `false`", Path: "path"}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; in a cell a bar is written as it must be there, and a line break becomes a space."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([cell(one) for one in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(text: str) -> str:
    """The text of one cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def settings() -> str:
    """Every setting with its variable, default and description."""
    rows = (
        (f"`NEEDLOOP_{name.upper()}`", default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    return table(("setting", "default", "description"), rows)


def model() -> str:
    """The fields of a declaration, table by table."""
    parts = {
        "model": ModelSpec, "model.source": Source, "model.retraining": Again, "model.slices": Slice,
        "model.behaviour": Behaviour,
    }  # fmt: skip
    return "\n".join(section(f"[{name}]", part) for name, part in parts.items())


def recipe() -> str:
    """The fields of a recipe, and of the tables in it."""
    parts = {
        "model.recipe": Recipe, "adapter": Adapter, "adversary": Adversary, "augmentation": Augmentation,
        "ensemble": Ensemble, "pruning": Pruning, "budget": Budget,
    }  # fmt: skip
    return "\n".join(section(f"[{name}]", part) for name, part in parts.items())


def gate() -> str:
    """The thresholds of a gate."""
    return section("[model.gate]", Gate)


def section(title: str, part: type[BaseModel]) -> str:
    """A heading, what the part is, and its fields."""
    fields = part.model_fields.items()
    rows = ((f"`{name}`", values(one.annotation), default(one), one.description or "") for name, one in fields)
    summary = " ".join((part.__doc__ or "").split())
    return f"## `{title}`\n\n{summary}\n\n" + table(("field", "values", "default", "description"), rows)


def values(annotation: Any) -> str:
    """The values that a field accepts, in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(parts[0])
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in parts)
    if origin in (Union, UnionType):
        return " or ".join(values(one) for one in parts if one is not type(None))
    if origin is tuple:
        each = values(parts[0])
        return f"list of {each}" if parts[-1] is Ellipsis else f"{len(parts)} times {each}"
    if origin is dict:
        return f"table of {values(parts[1])}"
    return WORDS.get(annotation) or f"a table, `{annotation.__name__}`"


def default(field: FieldInfo) -> str:
    """As it would be written; empty for nothing, and said where a value is required."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}, ""):
        return ""
    return (
        "all defaults"
        if isinstance(value, BaseModel)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def commands() -> str:
    """Every command with its arguments, options and help."""
    root = typer.main.get_command(program)
    return "\n".join(command(name, one) for name, one in named(root, "needloop"))


def named(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Commands with their whole names, groups gone into."""
    for word, one in sorted(group.commands.items()):
        if hasattr(one, "commands"):
            yield from named(one, f"{name} {word}")
        else:
            yield f"{name} {word}", one


def command(name: str, one: Any) -> str:
    """A heading, the help and the options of one command."""
    summary = " ".join((one.help or "").split())
    rows = [option(each) for each in one.params if each.name != "help"]
    options = "\n" + table(("argument or option", "default", "description"), rows) if rows else ""
    return f"## `{name}`\n\n{summary}\n{options}"


def option(one: Any) -> tuple[str, str, str]:
    """The row of an argument or an option."""
    names = ", ".join((*one.opts, *one.secondary_opts)) if one.param_type_name == "option" else one.name.upper()
    value = one.default
    shown = (
        "required"
        if one.required
        else f"`{value}`"
        if isinstance(value, int | float | str) and value not in (False, "")
        else ""
    )
    return f"`{names}`", shown, getattr(one, "help", None) or ""


def routes() -> str:
    """Every route with the scope that it asks for and what it does."""
    from pipelines.serving.application import app

    with TemporaryDirectory() as folder:
        described = app(Settings(home=Path(folder) / "home", _env_file=None)).openapi()
    rows = (
        (
            f"`{method.upper()} {path}`",
            scope(one),
            one.get("description") or one.get("summary", ""),
            ", ".join(sorted(one["responses"])),
        )
        for path, methods in sorted(described["paths"].items())
        for method, one in methods.items()
    )
    return table(("call", "scope of the key", "what it does", "statuses"), rows)


def scope(operation: dict[str, Any]) -> str:
    """Which scopes a key needs for it."""
    rules = operation.get("security")
    if rules is None:
        return "admin"
    scopes = sorted({one for rule in rules for named in rule.values() for one in named})
    return ", ".join(scopes) or ("none" if not rules else "any key")


def metrics() -> str:
    """Every metric of Prometheus with its labels."""
    from pipelines.serving.telemetry.metrics import Metrics

    registered = sorted(
        (one for one in vars(Metrics()).values() if isinstance(one, MetricWrapperBase)), key=lambda one: one._name
    )
    rows = (
        (
            f"`{one._name}{'_total' if one._type == 'counter' else ''}`",
            one._type,
            ", ".join(one._labelnames),
            one._documentation,
        )
        for one in registered
    )
    return table(("metric", "type", "labels", "description"), rows)


def events() -> str:
    """Every event of the ledger."""
    kinds = {one.tag: one for one in vars(ledger).values() if isinstance(getattr(one, "tag", None), str)}
    rows = ((f"`{tag}`", " ".join((kinds[tag].__doc__ or "").split())) for tag in get_args(ledger.Tag))
    return table(("event", "what it says"), rows)
