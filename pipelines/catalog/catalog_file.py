"""The declared models by name: the built-in ones, and those of the user's catalog file (TOML or Python)."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.renamed_fields import log_renames, noting
from pipelines.catalog.spec import ModelSpec

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
        written: dict[str, list[dict[str, Any]]] = tomllib.loads(file.read_text(encoding="utf-8"))
        if other := written.keys() - {"model"}:
            raise TypeError(
                f"[{min(other)}] belongs to no model; below [[model]] write [model.recipe.adapter] and so on"
            )
        return tuple(ModelSpec.model_validate(table) for table in written.get("model", []))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise BrokenCatalog(f"{file} is no catalog: {error}") from error


def _python(file: Path) -> tuple[ModelSpec, ...]:
    spec = importlib.util.spec_from_file_location("needloop_user_catalog", file)
    if spec is None or spec.loader is None:
        raise BrokenCatalog(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        return tuple(ModelSpec.model_validate(one) for one in module.MODELS)
    except Exception as error:  # a user's program may raise anything, and must not end the API that reads it
        raise BrokenCatalog(f"{file} is no catalog: {type(error).__name__}: {error}") from error


def find(name: str, catalog: Catalog) -> ModelSpec:
    """The declared model of that name."""
    try:
        return catalog[name]
    except KeyError:
        raise UnknownModel(f"{name!r} is not declared; choose from {', '.join(catalog)}") from None
