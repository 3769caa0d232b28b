"""Reader of a JSON or YAML document as a whole: the rows are an array in it."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from pipelines.ingestion.readers import jsonl, rasa
from pipelines.ingestion.readers.document_arrays import find_array
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm
from pipelines.ingestion.readers.whole_numbers import whole_number
from pipelines.ingestion.rows import MALFORMED, Note, Rejected, SourceRow, UnusableSource

MAX_JSON, MAX_YAML = 512 * 2**20, 64 * 2**20  # bytes
Rows = Iterator[SourceRow | Rejected | Note]


def json_rows(file: SourceFile, form: TextForm, required: Collection[str], part: str | None) -> Rows:
    """The objects of a JSON array, or of the one array in a JSON object; `part` is the path of another.

    JSON Lines in a file of this ending are read as such. Raises UnusableSource.
    """
    text = _text(file, form, MAX_JSON)
    try:
        document = json.loads(text, parse_float=whole_number)
    except RecursionError:
        raise UnusableSource("its brackets are nested too deeply") from None
    except json.JSONDecodeError as error:
        if part is None and _is_json_lines(text):
            return jsonl.rows(file, form)
        raise UnusableSource(
            f"it is no valid JSON: {error.msg}, in line {error.lineno}, column {error.colno}; export it again"
        ) from None
    except ValueError:  # a number of more than 4,300 digits
        raise UnusableSource("it has a number of too many digits") from None
    return _array_rows(document, required, part)


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
