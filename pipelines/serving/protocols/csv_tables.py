"""CSV at `/invocations`, as MLflow's own scoring server takes it: UTF-8 with a header."""

import codecs
import csv
import io
from typing import Any

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from pipelines.serving.api.json_bodies import JsonRequest, JsonRoute
from pipelines.serving.middleware.request_limits import CSV
from pipelines.serving.protocols.mlflow_inputs import COLUMN

NO_COLUMN = f"send CSV with a header and a column named `{COLUMN}`, or with one column"
UNEVEN = "has another number of cells than the header: put a text that holds a comma in double quotes"


class CsvRequest(JsonRequest):
    """A request with CSV, read as if it were a table in JSON."""

    async def json(self) -> Any:
        """The table, in the format `dataframe_split`."""
        return {"dataframe_split": parse_table(await self.body())}


class TableRoute(JsonRoute):
    """A route that takes JSON, and CSV as if it were JSON."""

    def readable(self, request: Request) -> Request:
        """The request; CSV becomes a table in JSON. Raises HTTPException for another character set than UTF-8."""
        kind, _, parameters = request.headers.get("content-type", "").partition(";")
        if kind.strip().lower() != CSV:
            return super().readable(request)
        if (charset := _charset(parameters)) != "utf-8":
            raise HTTPException(415, f"send CSV in UTF-8, not in {charset}")
        scope = {**request.scope, "headers": [*request.scope["headers"]]}
        MutableHeaders(scope=scope)["content-type"] = "application/json"
        return CsvRequest(scope, request.receive)


def parse_table(body: bytes) -> dict[str, Any]:
    """The texts of a body as a table with the one column `text`. Raises HTTPException.

    Bytes that are not UTF-8 become lone surrogates, so that their text is named.
    """
    rows = csv.reader(io.StringIO(body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"), newline=""))
    try:
        header, *cells = [row for row in rows if row]
    except (csv.Error, ValueError):
        raise HTTPException(400, NO_COLUMN) from None
    index = _column(header)
    for number, row in enumerate(cells):
        if len(row) != len(header):
            raise HTTPException(400, f"row {number} {UNEVEN}")
    return {"columns": [COLUMN], "data": [[row[index]] for row in cells]}


def _column(header: list[str]) -> int:
    """The position of the column `text`, or of the only column with a name: pandas writes an index without one."""
    names = [name.strip() for name in header]
    named = [COLUMN] if COLUMN in names else list(filter(None, names))
    if len(named) != 1:
        raise HTTPException(400, NO_COLUMN)
    return names.index(named[0])


def _charset(parameters: str) -> str:
    pairs = (pair.partition("=") for pair in parameters.lower().split(";"))
    return next((value.strip(' "') for name, _, value in pairs if name.strip() == "charset"), "utf-8")
