"""The declared models by name: the built-in ones, and those of the user's catalog file (TOML or Python)."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.names import InvalidName, require_name
from pipelines.catalog.renamed_fields import log_renames, noting
from pipelines.catalog.spec import ModelSpec
from pipelines.runtime.field_errors import field_sentences

Catalog = Mapping[str, ModelSpec]


class UnknownModel(LookupError):
    """A name that no declaration carries."""


class BrokenCatalog(ValueError):
    """A catalog file that cannot be read as declarations."""


def load(file: Path) -> dict[str, ModelSpec]:
    """The built-in declarations and the user's own of a file that need not exist, which may replace them by name."""
    own = declared_in(file) if file.exists() else ()
    return {spec.name: spec for spec in (*BUILT_IN, *own)}


def declared_in(file: Path, shown: Path | None = None) -> tuple[ModelSpec, ...]:
    """Declarations of a TOML file (`[[model]]` tables) or of a Python file (a sequence `MODELS`).

    Old names of fields are logged once, under the name `shown` of the file if it is a copy. Raises BrokenCatalog.
    """
    with noting() as lines:
        specs = _python(file) if file.suffix == ".py" else _toml(file)
    log_renames(str(shown or file), tuple(lines))
    return specs


def _toml(file: Path) -> tuple[ModelSpec, ...]:
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _broken(file, error) from error
    tables = written.get("model", [])
    if other := written.keys() - {"model"}:
        raise _broken(
            file, f"[{min(other)}] belongs to no model; below [[model]] write [model.recipe.adapter] and so on"
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _broken(file, "write each model as a table of its own, [[model]]")
    return tuple(_declared(file, table, number) for number, table in enumerate(tables, start=1))


def _python(file: Path) -> tuple[ModelSpec, ...]:
    spec = importlib.util.spec_from_file_location("needloop_user_catalog", file)
    if spec is None or spec.loader is None:
        raise BrokenCatalog(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        models = tuple(module.MODELS)
    except Exception as error:  # a user's program may raise anything, and must not end the API that reads it
        raise _broken(file, error) from error
    return tuple(_declared(file, model, number) for number, model in enumerate(models, start=1))


def _declared(file: Path, written: Any, number: int) -> ModelSpec:
    """One declaration. Raises BrokenCatalog with the model's name, or its number in the file."""
    name = written.get("name") if isinstance(written, dict) else None
    try:
        if isinstance(name, str):
            require_name(name)
        return ModelSpec.model_validate(written)
    except (ValidationError, InvalidName) as error:
        raise _broken(file, error, f"model {name!r}: " if isinstance(name, str) else f"model {number}: ") from error


def _broken(file: Path, reason: Exception | str, place: str = "") -> BrokenCatalog:
    return BrokenCatalog(f"{file} is no catalog: {place}{_reason(reason)}")


def _reason(reason: Exception | str) -> str:
    """The reason in plain words; a declaration's values are not repeated."""
    if isinstance(reason, ValidationError):
        return field_sentences(reason.errors())
    if isinstance(reason, UnicodeDecodeError):
        return "it is not UTF-8: save it as UTF-8"
    if isinstance(reason, str | InvalidName | tomllib.TOMLDecodeError):
        return str(reason)
    return f"{type(reason).__name__}: {reason}"


def find(name: str, catalog: Catalog) -> ModelSpec:
    """The declared model of that name."""
    try:
        return catalog[name]
    except KeyError:
        raise UnknownModel(f"{name!r} is not declared; choose from {', '.join(catalog)}") from None
