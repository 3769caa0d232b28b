"""The tables of the reference pages, generated from the code: `make docs` writes them, `make lint` compares them."""

import ast
import json
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
from pipelines.catalog.gate import Behaviour, Gate, Slice
from pipelines.catalog.recipe import Adapter, Adversary, Augmentation, Budget, Ensemble, Pruning, Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.catalog.spec import Retraining as Again
from pipelines.kinds.known import KINDS
from pipelines.ledger import events as ledger
from pipelines.workspace.settings import Settings

ROOT = Path(__file__).parents[1]
WORDS = {str: "text", int: "integer", float: "number", bool: "`true` or `false`", Path: "path"}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table of the given headings and rows."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(text: str) -> str:
    """The text of one cell, with bars escaped and line breaks replaced by spaces."""
    return " ".join(str(text).split()).replace("|", "\\|")


def rooms() -> str:
    """The table of the packages of `pipelines/`: name and duty."""
    files = sorted((ROOT / "pipelines").glob("*/__init__.py"))
    duties = ((file.parent.name, ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))) for file in files)
    return table(("room", "duty"), ((f"`{name}/`", duty or "") for name, duty in duties))


def reading() -> str:
    """The tables of `needloop bench reading`: costs by number of rows, and exactness."""
    measures = json.loads((ROOT / "docs" / "results" / "reading.json").read_text(encoding="utf-8"))["measures"]
    costs: dict[tuple[str, str], dict[str, float]] = {}
    for measure in measures:
        if measure["part"] not in ("exactness", "frames"):
            costs.setdefault((measure["part"], measure["recipe"]), {})[measure["figure"]] = measure["value"]
    figures = ("seconds", "processor seconds", "peak MiB of all processes")
    rows = (
        (*name, *(f"{values[key]:,.1f}" if key in values else "" for key in figures)) for name, values in costs.items()
    )
    exact = (
        (measure["recipe"], measure["figure"], f"{round(measure['value'], 4):g}", measure["note"])
        for measure in measures
        if measure["part"] in ("exactness", "frames")
    )
    return "\n".join((table(("measurement", "rows", *figures), rows), table(("texts", "figure", "value", ""), exact)))


def settings() -> str:
    """The table of settings: variable, default, description."""
    rows = (
        (f"`NEEDLOOP_{name.upper()}`", default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    return table(("setting", "default", "description"), rows)


def model() -> str:
    """The tables of a declaration's fields, section by section."""
    parts = {"[model]": ModelSpec}
    parts |= {f'[model.target], kind = "{name}"': kind.target for name, kind in KINDS.items()}
    parts |= {"[model.source]": Source, "[model.retraining]": Again, "[[model.slices]]": Slice}
    parts |= {"[model.behaviour]": Behaviour}
    return "\n".join(section(title, part) for title, part in parts.items())


def recipe() -> str:
    """The tables of a recipe's fields and of its nested tables."""
    tables = {
        "adapter": Adapter, "adversary": Adversary, "augmentation": Augmentation,
        "ensemble": Ensemble, "pruning": Pruning, "budget": Budget,
    }  # fmt: skip
    parts = {"[model.recipe]": Recipe} | {f"[model.recipe.{name}]": part for name, part in tables.items()}
    return "\n".join(section(title, part) for title, part in parts.items())


def gate() -> str:
    """The table of a gate's thresholds."""
    return section("[model.gate]", Gate)


def section(title: str, part: type[BaseModel]) -> str:
    """A heading, the summary and the table of fields of one part."""
    fields = part.model_fields.items()
    rows = ((f"`{name}`", values(field.annotation), default(field), field.description or "") for name, field in fields)
    summary = " ".join((part.__doc__ or "").split())
    return f"## `{title}`\n\n{summary}\n\n" + table(("field", "values", "default", "description"), rows)


def values(annotation: Any) -> str:
    """The values that a field accepts, as words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(parts[0])
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        return " or ".join(values(part) for part in parts if part is not type(None))
    if origin is tuple:
        each = values(parts[0])
        return f"list of {each}" if parts[-1] is Ellipsis else f"{len(parts)} times {each}"
    if origin is dict:
        return f"table of {values(parts[1])}"
    return WORDS.get(annotation) or f"a table, `{annotation.__name__}`"


def default(field: FieldInfo) -> str:
    """The default of a field as a declaration writes it; `required` without a default, empty for an empty one."""
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
    """The sections of all commands: help, arguments and options."""
    root = typer.main.get_command(program)
    return "\n".join(section_of_command(name, item) for name, item in all_commands(root, "needloop"))


def all_commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """All commands of a group and its subgroups, with their full names."""
    for word, item in sorted(group.commands.items()):
        if hasattr(item, "commands"):
            yield from all_commands(item, f"{name} {word}")
        else:
            yield f"{name} {word}", item


def section_of_command(name: str, item: Any) -> str:
    """A heading, the help and the options of one command."""
    summary = " ".join((item.help or "").split())
    rows = [option(parameter) for parameter in item.params if parameter.name != "help"]
    options = "\n" + table(("argument or option", "default", "description"), rows) if rows else ""
    return f"## `{name}`\n\n{summary}\n{options}"


def option(parameter: Any) -> tuple[str, str, str]:
    """The row of an argument or an option."""
    names = (
        ", ".join((*parameter.opts, *parameter.secondary_opts))
        if parameter.param_type_name == "option"
        else parameter.name.upper()
    )
    value = parameter.default
    default_text = (
        "required"
        if parameter.required
        else f"`{value}`"
        if isinstance(value, int | float | str) and value not in (False, "")
        else ""
    )
    return f"`{names}`", default_text, getattr(parameter, "help", None) or ""


def routes() -> str:
    """The table of HTTP routes: scope, description, statuses."""
    from pipelines.serving.application import app

    with TemporaryDirectory() as folder:
        description = app(Settings(home=Path(folder) / "home", _env_file=None)).openapi()
    rows = (
        (
            f"`{method.upper()} {path}`",
            scope(operation),
            operation.get("description") or operation.get("summary", ""),
            ", ".join(sorted(operation["responses"])),
        )
        for path, methods in sorted(description["paths"].items())
        for method, operation in methods.items()
    )
    return table(("call", "scope of the key", "description", "statuses"), rows)


def scope(operation: dict[str, Any]) -> str:
    """The scopes that an API key needs for an operation."""
    rules = operation.get("security")
    if rules is None:
        return "admin"
    scopes = sorted({name for rule in rules for names in rule.values() for name in names})
    return ", ".join(scopes) or ("none" if not rules else "any key")


def metrics() -> str:
    """The table of Prometheus metrics: type, labels, description."""
    from pipelines.serving.telemetry.metrics import Metrics

    registered = sorted(
        (metric for metric in vars(Metrics()).values() if isinstance(metric, MetricWrapperBase)),
        key=lambda metric: metric._name,
    )
    rows = (
        (
            f"`{metric._name}{'_total' if metric._type == 'counter' else ''}`",
            metric._type,
            ", ".join(metric._labelnames),
            metric._documentation,
        )
        for metric in registered
    )
    return table(("metric", "type", "labels", "description"), rows)


def events() -> str:
    """The table of ledger events."""
    kinds = {event.tag: event for event in vars(ledger).values() if isinstance(getattr(event, "tag", None), str)}
    rows = ((f"`{tag}`", " ".join((kinds[tag].__doc__ or "").split())) for tag in get_args(ledger.Tag))
    return table(("event", "meaning"), rows)
