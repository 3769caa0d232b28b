"""Reader of a JSON or YAML document as a whole: the rows are an array in it."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from pipelines.ingestion.readers import jsonl, rasa
from pipelines.ingestion.readers.document_arrays import find_array
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm
from pipelines.ingestion.readers.whole_numbers import whole_number
from pipelines.ingestion.rows import MALFORMED, Note, Rejected, SourceRow, UnusableSource

MAX_JSON, MAX_YAML = 256 * 2**20, 64 * 2**20  # bytes
_HEAD = 2**12  # bytes
_NOT_SPACE = re.compile(r"\S")
Rows = Iterator[SourceRow | Rejected | Note]


def json_rows(file: SourceFile, form: TextForm, required: Collection[str], part: str | None) -> Rows:
    """The objects of a JSON array, or of the one array in a JSON object; `part` is the path of another.

    JSON Lines in a file of this ending are read as such. Raises UnusableSource.
    """
    text = _text(file, form, MAX_JSON)
    try:
        document = json.loads(text, parse_float=whole_number)
    except json.JSONDecodeError as error:
        if part is None and _is_json_lines(text):
            return jsonl.rows(file, form)
        document = _sequence(text, error)
    except (ValueError, RecursionError):
        raise _refusal() from None
    return _array_rows(document, required, part)


def is_document(file: SourceFile, form: TextForm) -> bool:
    """True if a file of JSON Lines begins as one JSON array, or as an object over several lines."""
    with file.open() as stream:
        head = stream.read(_HEAD).decode(form.encoding, "replace").removeprefix("\ufeff").lstrip()
    first = head.partition("\n")[0].strip()
    return first in ("[", "{") or (first.startswith("[{") and not first.endswith("]"))


def _sequence(text: str, error: json.JSONDecodeError) -> list[Any]:
    """Objects one behind another, each over several lines. Raises UnusableSource with the place of `error`."""
    decoder, items, place = json.JSONDecoder(parse_float=whole_number), [], 0
    try:
        if not text.strip():
            raise error
        while rest := _NOT_SPACE.search(text, place):
            item, place = decoder.raw_decode(text, rest.start())
            items.append(item)
    except (ValueError, RecursionError):
        raise UnusableSource(
            f"it is no valid JSON: {error.msg}, in line {error.lineno}, column {error.colno}; export it again"
        ) from None
    return items


def _refusal() -> UnusableSource:
    return UnusableSource("it is no valid JSON: its brackets are nested too deeply, or a number has too many digits")


def yaml_rows(file: SourceFile, form: TextForm, required: Collection[str], part: str | None) -> Rows:
    """The examples of a Rasa training file, or the array of another YAML document. Raises UnusableSource."""
    document = rasa.parse_yaml(_text(file, form, MAX_YAML))
    if rasa.is_training(document):
        return rasa.rows(document)
    return _array_rows(document, required, part)


def _text(file: SourceFile, form: TextForm, most: int) -> str:
    return file.load(most).decode(form.encoding, form.errors).removeprefix("\ufeff")


def _is_json_lines(text: str) -> bool:
    first, _, rest = text.lstrip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return False


def _array_rows(document: Any, required: Collection[str], part: str | None) -> Rows:
    items, note = find_array(document, required, part)
    if note:
        yield Note(note)
    for number, item in enumerate(items, start=1):
        yield SourceRow(number, item) if isinstance(item, dict) else Rejected(number, MALFORMED, str(item))
