"""The formats of files by their endings, and the reader of each."""

from collections.abc import Collection, Iterator

from pipelines.ingestion.readers import delimited, jsonl, whole_documents
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import decide
from pipelines.ingestion.rows import Note, Rejected, SourceRow, UnusableSource

CSV = (".csv", ".tsv", ".txt", ".psv")
JSON_LINES = (".jsonl", ".ndjson", ".log")
JSON = (".json",)
YAML = (".yml", ".yaml")
PARQUET = (".parquet", ".pq")
EXCEL = (".xlsx", ".xlsm")
ENDINGS = (*CSV, *JSON_LINES, *JSON, *YAML, *PARQUET, *EXCEL)
_PACKED = ".gz"
_REMEDIES = {
    ".xls": "save it as .xlsx",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx",
    ".zip": "unpack it, and give the path of one file",
    ".md": "convert it to YAML with `rasa data convert nlu`",
    ".pkl": "save it as CSV or Parquet",
    ".arrow": "give its folder, if datasets wrote it, or save it as Parquet",
    ".feather": "save it as Parquet",
}
Rows = Iterator[SourceRow | Rejected | Note]


def rows(uri: str, part: str | None, required: Collection[str], encoding: str | None) -> Rows:
    """The rows of one file; `part` names an array of a document or a sheet of a workbook. Raises UnusableSource."""
    ending = uri.lower().removesuffix(_PACKED)
    file = SourceFile(uri)
    if ending.endswith(PARQUET):
        from pipelines.ingestion.readers import columnar

        yield from columnar.rows(file, required)
    elif ending.endswith(EXCEL):
        from pipelines.ingestion.readers import spreadsheet

        yield from spreadsheet.rows(file, required, part)
    elif ending.endswith((*CSV, *JSON_LINES, *JSON, *YAML)):
        yield from _text_rows(file, ending, part, required, encoding)
    else:
        raise UnusableSource(_advice(ending))


def _text_rows(
    file: SourceFile, ending: str, part: str | None, required: Collection[str], encoding: str | None
) -> Rows:
    form = decide(file, encoding)
    if form.note:
        yield Note(form.note)
    if ending.endswith(CSV):
        yield from delimited.rows(file, form, required)
    elif ending.endswith(YAML):
        yield from whole_documents.yaml_rows(file, form, required, part)
    elif ending.endswith(JSON) or whole_documents.is_document(file, form):
        yield from whole_documents.json_rows(file, form, required, part)
    else:
        yield from jsonl.rows(file, form)


def _advice(ending: str) -> str:
    remedy = next((remedy for known, remedy in _REMEDIES.items() if ending.endswith(known)), None)
    return f"this format is not read; {remedy}" if remedy else f"its ending is unknown; use one of {', '.join(ENDINGS)}"
