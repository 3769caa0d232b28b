"""The array of rows within a document: at its top, under a name, or written column by column."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pipelines.ingestion.readers.nested_values import MISSING, value_at
from pipelines.ingestion.rows import UnusableSource

_DEPTH = 3  # objects above the array
_SHOWN = 8


def find_array(document: Any, required: Collection[str], part: str | None) -> tuple[list[Any], str | None]:
    """The rows of a document and a note on where they stand; `part` is a path with dots. Raises UnusableSource."""
    if part is not None:
        return _rows_at(document, part), None
    if isinstance(document, list):
        return _named_pairs(document), None
    if not isinstance(document, dict):
        raise UnusableSource("it holds no array of objects")
    found = dict(_arrays(document)) or dict(_tables(document))
    if not found:
        raise UnusableSource("it holds no array of objects; write one object for each message")
    fitting = [path for path, items in found.items() if _has_columns(items[0], required)]
    chosen = fitting if len(fitting) == 1 else list(found)
    if len(chosen) > 1:
        raise UnusableSource(
            f"it holds several arrays: {', '.join(chosen[:_SHOWN])}; name one behind the file, as in FILE#{chosen[0]}"
        )
    return found[chosen[0]], f"read the array {chosen[0]!r} of the document" if chosen[0] else None


def _rows_at(document: Any, part: str) -> list[Any]:
    found = value_at(document, part) if isinstance(document, dict) else MISSING
    items = found if isinstance(found, list) else next(_tables(found), ("", None))[1] if found is not MISSING else None
    if not items:
        names = ", ".join(dict(_arrays(document))) if isinstance(document, dict) else ""
        raise UnusableSource(f"it holds no array {part!r}; {f'it holds {names}' if names else 'leave #... out'}")
    return _named_pairs(items)


def _arrays(document: Mapping[str, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Arrays of objects or of pairs by their paths."""
    for name, value in document.items():
        if isinstance(value, list) and value and (isinstance(value[0], dict) or _is_pair(value[0])):
            yield above + name, _named_pairs(value)
        elif isinstance(value, dict) and depth < _DEPTH:
            yield from _arrays(value, f"{above}{name}.", depth + 1)


def _tables(document: Any) -> Iterator[tuple[str, list[Any]]]:
    """A table as pandas writes it: by columns, by rows, or split into columns and data."""
    if not isinstance(document, dict):
        return
    columns, data = document.get("columns"), document.get("data")
    if isinstance(columns, list) and isinstance(data, list):
        yield "", [dict(zip(map(str, columns), row, strict=False)) for row in data if isinstance(row, list)]
    elif document and all(isinstance(value, dict) for value in document.values()):
        first = next(iter(document.values()))
        if any(isinstance(value, dict | list) for value in first.values()) or not _share_keys(document):
            return
        by_column = len(first) >= len(document)
        yield "", _transposed(document) if by_column else list(document.values())
    elif document and all(isinstance(value, list) for value in document.values()):
        yield "", [dict(zip(document, cells, strict=False)) for cells in zip(*document.values(), strict=False)]


def _share_keys(document: Mapping[str, Mapping[str, Any]]) -> bool:
    first = next(iter(document.values()))
    return bool(first) and all(row.keys() == first.keys() for row in document.values())


def _transposed(columns: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    index = next(iter(columns.values()))
    return [{name: cells[key] for name, cells in columns.items()} for key in index]


def _is_pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(isinstance(cell, str) for cell in item)


def _named_pairs(items: list[Any]) -> list[Any]:
    """Pairs of a text and a label as objects."""
    return [{"text": item[0], "label": item[1]} if _is_pair(item) else item for item in items]


def _has_columns(item: Any, required: Collection[str]) -> bool:
    return bool(required) and all(value_at(item, name) is not MISSING for name in required)
