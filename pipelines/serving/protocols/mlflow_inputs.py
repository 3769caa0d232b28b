"""The four table formats of MLflow's clients, of which the column `text` is read."""

from typing import TYPE_CHECKING, Annotated, Any, Self, Union

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter, ValidationError, model_validator

from pipelines.kinds import wire
from pipelines.kinds.known import KINDS
from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

COLUMN = "text"
FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
ROWS = Field(max_length=256)
TEXTS: TypeAdapter[list[str]] = TypeAdapter(Texts)
if TYPE_CHECKING:
    Row = BaseModel
else:  # a schema for each built-in kind; rows of other kinds are serialised as they are
    Row = Union[*(kind.wire.Row for kind in KINDS.values()), SerializeAsAny[wire.Row]]


class SplitTable(BaseModel):
    """Column names and rows; a pandas index is ignored."""

    columns: list[str]
    data: Annotated[list[list[Any]], ROWS]


Values = Annotated[list[Any] | dict[str, Any], Field(description="texts, rows as objects, or columns as lists")]


class TableInput(BaseModel):
    """Texts, in exactly one of four formats; other columns are ignored."""

    dataframe_split: SplitTable | None = None
    dataframe_records: Annotated[list[dict[str, Any]] | None, ROWS] = None
    instances: Values | None = None
    inputs: Values | None = None
    params: dict[str, Any] | None = Field(None, description="ignored: these models have no parameters")

    @model_validator(mode="after")
    def _has_one_format(self) -> Self:
        if sum(getattr(self, name) is not None for name in FORMATS) != 1:
            raise ValueError(f"send exactly one of {', '.join(FORMATS)}")
        return self

    def texts(self) -> list[str]:
        """The column `text`. Raises HTTPException without it, RequestValidationError if a value is no text."""
        (value,) = (value for name in FORMATS if (value := getattr(self, name)) is not None)
        try:
            return _validated(_column(value))
        except (LookupError, ValueError):
            raise HTTPException(400, f"send a column named `{COLUMN}`, with a value in every row") from None


def _column(value: SplitTable | list[Any] | dict[str, Any]) -> list[Any]:
    """The values of the column `text`. Raises LookupError or ValueError if it is missing or a row is too short."""
    if isinstance(value, SplitTable):
        index = value.columns.index(COLUMN)
        return [row[index] for row in value.data]
    if isinstance(value, dict):
        column = value[COLUMN]
        return column if isinstance(column, list) else [column]
    return [row[COLUMN] if isinstance(row, dict) else row for row in value]


def _validated(column: list[Any]) -> list[str]:
    try:
        return TEXTS.validate_python(column, strict=True)
    except ValidationError as error:
        errors = [{**row, "loc": ("body", COLUMN, *row["loc"])} for row in error.errors()]
        raise RequestValidationError(errors) from None


class InvocationResponse(BaseModel):
    """One row for each text, in the order of the texts."""

    model_config = ConfigDict(json_schema_extra=examples.INVOCATION_RESPONSE)

    predictions: list[Row]


class InvocationErrorResponse(BaseModel):
    """The error of a request: a code of MLflow, and a message with the remedy."""

    model_config = ConfigDict(json_schema_extra=examples.INVOCATION_ERROR)

    error_code: str
    message: str
