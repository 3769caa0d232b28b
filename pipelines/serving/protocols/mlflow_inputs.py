"""The four table formats of MLflow's clients, of which the column `text` is read."""

from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar, Union

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter, ValidationError, model_validator

from pipelines.kinds import wire
from pipelines.kinds.known import KINDS
from pipelines.runtime.wording import counted_noun
from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

COLUMN = "text"
FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
ROWS = Field(max_length=256)
TEXTS: TypeAdapter[list[str]] = TypeAdapter(Texts)
CUSTOMER = "customer"
CUSTOMERS: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(min_length=1, max_length=200)])
T = TypeVar("T")
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
    params: dict[str, Any] | None = Field(
        None, description="`customer`, as in /v1; other parameters are ignored, which the response says"
    )

    @model_validator(mode="after")
    def _has_one_format(self) -> Self:
        if sum(getattr(self, name) is not None for name in FORMATS) != 1:
            raise ValueError(f"send exactly one of {', '.join(FORMATS)}")
        return self

    def customer(self) -> str | None:
        """The customer who wrote the texts. Raises RequestValidationError if it is no text."""
        given = (self.params or {}).get(CUSTOMER)
        return None if given is None else _validated(CUSTOMERS, given, ("params", CUSTOMER))

    def ignored_params(self) -> str:
        """A sentence on parameters that the models do not have; empty without any. It does not repeat their names."""
        ignored = len((self.params or {}).keys() - {CUSTOMER})
        return f"{counted_noun(ignored, 'parameter')} ignored: only `{CUSTOMER}` is known" if ignored else ""

    def texts(self) -> list[str]:
        """The column `text`. Raises HTTPException without it, RequestValidationError if a value is no text."""
        (value,) = (value for name in FORMATS if (value := getattr(self, name)) is not None)
        try:
            return _validated(TEXTS, _column(value), (COLUMN,))
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


def _validated(adapter: TypeAdapter[T], value: object, place: tuple[str, ...]) -> T:
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError as error:
        errors = [{**row, "loc": ("body", *place, *row["loc"])} for row in error.errors()]
        raise RequestValidationError(errors) from None


class InvocationResponse(BaseModel):
    """One row for each text, in the order of the texts."""

    model_config = ConfigDict(json_schema_extra=examples.INVOCATION_RESPONSE)

    predictions: list[Row]
    warning: Annotated[str, Field(description="only if parameters were ignored")] = ""


class InvocationErrorResponse(BaseModel):
    """The error of a request: a code of MLflow, and a message with the remedy."""

    model_config = ConfigDict(json_schema_extra=examples.INVOCATION_ERROR)

    error_code: str
    message: str
