"""Old names of fields in a catalog file. They are still accepted; one line in the log says the new ones."""

import ast
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pipelines.catalog.recipe import Declaration

log = logging.getLogger(__name__)


def renames(part: type[Declaration]) -> dict[str, str]:
    """The old and the new name of each renamed field."""
    return {field.alias: name for name, field in part.model_fields.items() if field.alias}


def in_table(table: Mapping[str, Any], parts: Mapping[str, type[Declaration]]) -> Iterator[str]:
    """`old is now new` for a `[[model]]` table; `parts` are the types of the tables by name, "" is the model itself."""
    for name, part in parts.items():
        fields = table if name == "" else table.get(name, {})
        for one in fields if isinstance(fields, list) else [fields]:
            at = f"{name}." if name else ""
            old_names = renames(part).items() if isinstance(one, Mapping) else ()
            yield from (f"{at}{old} is now {new}" for old, new in old_names if old in one)


def in_python(source: str, parts: Mapping[str, type[Declaration]]) -> Iterator[str]:
    """The same for a Python catalog: keywords of calls such as `Gate(...)`."""
    by_class = {part.__name__: renames(part) for part in parts.values()}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            fields = by_class.get(node.func.id, {})
            given = (keyword.arg for keyword in node.keywords if keyword.arg in fields)
            yield from (f"{node.func.id}.{old} is now {fields[old]}" for old in given if old)


@cache  # a service reads its catalog again whenever it changes; the same line is said once
def log_renames(file: str, lines: tuple[str, ...]) -> None:
    """One line for a file, if it has old names."""
    if lines:
        log.warning("%s: %s (the old names are accepted in this release)", file, ", ".join(lines))
