"""The array of rows within a document: at its top, under a name, or written column by column."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pipelines.ingestion.readers.nested_values import MISSING, value_at
from pipelines.ingestion.rows import UnusableSource
from pipelines.masking.mask import mask

_DEPTH = 3  # objects above the array
_SHOWN = 8


def find_array(document: Any, required: Collection[str], part: str | None) -> tuple[list[Any], str | None]:
    """The rows of a document and a note on where they stand; `part` is a path with dots. Raises UnusableSource."""
    if part is not None:
        return _rows_at(document, part), None
    if isinstance(document, list):
        return _named_pairs(document), None
    if not isinstance(document, dict):
        raise UnusableSource("it holds no array of objects; write one object for each message")
    if _is_message(document, required):
        return [document], None
    found = dict(_arrays(document)) or {path: items for path, items in _tables(document) if items}
    path = _choose(found, required)
    return found[path], f"read the array {_shown([path])} of the document" if path else None


def _choose(found: Mapping[str, list[Any]], required: Collection[str]) -> str:
    """The path of the only array, of the only one with the required columns, or of the longest if none are required."""
    if not found:
        raise UnusableSource("it holds no array of objects; write one object for each message")
    fitting = [path for path, items in found.items() if _has_columns(items[0], required)]
    if not required:
        return max(found, key=lambda path: len(found[path]))
    if len(fitting) == 1 or len(found) == 1:
        return next(iter(fitting or found))
    raise UnusableSource(
        f"it holds several arrays: {_shown(found)}; name one behind the file, as in FILE#{_shown([next(iter(found))])}"
    )


def _rows_at(document: Any, part: str) -> list[Any]:
    found = value_at(document, part)
    items = found if isinstance(found, list) else next(_tables(found), ("", None))[1]
    if not items:
        names = dict(_arrays(document)) if isinstance(document, dict) else {}
        advice = f"it holds {_shown(names)}" if names else "leave out what stands behind #"
        raise UnusableSource(f"it holds no array of that name; {advice}")
    return _named_pairs(items)


def _shown(paths: Iterable[str]) -> str:
    """Paths for people: masked, because a document may name its arrays after persons."""
    return ", ".join(mask(path)[:60] for path in islice(paths, _SHOWN))


def _is_message(document: Mapping[str, Any], required: Collection[str]) -> bool:
    cells = [value_at(document, name) for name in required]
    return bool(cells) and not any(cell is MISSING or isinstance(cell, dict | list) for cell in cells)


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
    elif document and _share_keys(document):
        yield "", list(document.values()) if _is_by_row(document) else _transposed(document)
    elif document and all(isinstance(value, list) for value in document.values()):
        yield "", [dict(zip(document, cells, strict=False)) for cells in zip(*document.values(), strict=False)]


def _share_keys(document: Mapping[str, Any]) -> bool:
    """True for objects with the same keys and plain cells."""
    first = next(iter(document.values()))
    if not isinstance(first, dict) or not first or any(isinstance(value, dict | list) for value in first.values()):
        return False
    return all(isinstance(row, dict) and row.keys() == first.keys() for row in document.values())


def _is_by_row(document: Mapping[str, Mapping[str, Any]]) -> bool:
    """True if the outer keys are an index; by default pandas numbers the rows."""
    inner = next(iter(document.values()))
    if all(map(str.isdecimal, document)) or all(map(str.isdecimal, inner)):
        return all(map(str.isdecimal, document))
    return len(document) > len(inner)


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
