"""The four ways in which MLflow's clients write a table, of which one column counts: `text`."""

from typing import TYPE_CHECKING, Annotated, Any, Self, Union

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter, ValidationError, model_validator

from pipelines.kinds import wire
from pipelines.kinds.known import KINDS
from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

COLUMN = "text"
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
ROWS = Field(max_length=256)
TEXTS: TypeAdapter[list[str]] = TypeAdapter(Texts)
if TYPE_CHECKING:
    Row = BaseModel
else:  # described kind by kind; one that a catalog adds is given as it is
    Row = Union[*(kind.wire.Row for kind in KINDS.values()), SerializeAsAny[wire.Row]]


class Split(BaseModel):
    """Names of columns, and the rows; a pandas index may come along and is not looked at."""

    columns: list[str]
    data: Annotated[list[list[Any]], ROWS]


Values = Annotated[list[Any] | dict[str, Any], Field(description="texts, rows as objects, or columns as lists")]


class TableInput(BaseModel):
    """Texts, written in exactly one of four ways; other columns are not looked at."""

    dataframe_split: Split | None = None
    dataframe_records: Annotated[list[dict[str, Any]] | None, ROWS] = None
    instances: Values | None = None
    inputs: Values | None = None
    params: dict[str, Any] | None = Field(None, description="not looked at: these models take none")

    @model_validator(mode="after")
    def _written_one_way(self) -> Self:
        if sum(getattr(self, form) is not None for form in FORMS) != 1:
            raise ValueError(f"send exactly one of {', '.join(FORMS)}")
        return self

    def texts(self) -> list[str]:
        """The column `text`; raises HTTPException without one, RequestValidationError for what are no texts."""
        (value,) = (value for form in FORMS if (value := getattr(self, form)) is not None)
        try:
            return _checked(_column(value))
        except (LookupError, ValueError):
            raise HTTPException(400, f"send a column named `{COLUMN}`, with a value in every row") from None


def _column(value: Split | list[Any] | dict[str, Any]) -> list[Any]:
    """Raises LookupError or ValueError where there is no such column, or a row is too short for it."""
    if isinstance(value, Split):
        place = value.columns.index(COLUMN)
        return [row[place] for row in value.data]
    if isinstance(value, dict):
        found = value[COLUMN]
        return found if isinstance(found, list) else [found]
    return [row[COLUMN] if isinstance(row, dict) else row for row in value]


def _checked(column: list[Any]) -> list[str]:
    try:
        return TEXTS.validate_python(column, strict=True)
    except ValidationError as error:
        places = [{**one, "loc": ("body", COLUMN, *one["loc"])} for one in error.errors()]
        raise RequestValidationError(places) from None


class Scored(BaseModel):
    """One row for each text, in their order."""

    model_config = ConfigDict(json_schema_extra=examples.SCORED)

    predictions: list[Row]


class InvocationRefusal(BaseModel):
    """Why a request was refused, and what to do."""

    model_config = ConfigDict(json_schema_extra=examples.INVOCATION_REFUSED)

    error_code: str
    message: str
