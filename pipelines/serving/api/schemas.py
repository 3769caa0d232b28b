"""Requests and responses of the HTTP API, with their limits; those of predictions are beside their route."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from pipelines.serving.api import examples
from pipelines.serving.rollout.rollout_schemas import Rollout

Responses = dict[int | str, dict[str, Any]]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
# For the API description only: visibility is checked after normalising, which a pattern covers in part.
VISIBLE = r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]"
Message = Annotated[Text, Field(json_schema_extra={"pattern": VISIBLE})]
Texts = Annotated[list[Message], Field(min_length=1, max_length=256)]
FEEDBACK_FIELDS = ("label", "labels", "none", "correct", "rating", "comment")


def to_integer(number: object) -> object:
    """Convert a whole float to an integer: in JSON, 5.0 is the integer 5."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Stars = Annotated[int, Field(ge=1, le=5), BeforeValidator(to_integer)]


class Body(BaseModel):
    """Strict request body: an unknown field or a number sent as text is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FeedbackRequest(Body):
    """Feedback on one prediction: at least one of label, labels, none, correct, rating and comment."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {
                    "required": [name],
                    "properties": {name: {"const": True} if name == "none" else {"not": {"type": "null"}}},
                }
                for name in FEEDBACK_FIELDS
            ],
            **examples.FEEDBACK_REQUEST,
        }
    )

    prediction: Annotated[str, Field(max_length=100, pattern=r"^[!-~]+$")]
    label: Annotated[str | None, Field(max_length=200, description="the right label")] = None
    labels: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]] | None,
        Field(max_length=300, description="the right labels, for a model of several labels; [] if none applies"),
    ] = None
    none: Annotated[bool | None, Field(description="true: no answer of the model would be right")] = None
    correct: Annotated[bool | None, Field(description="true if the predicted label is right")] = None
    rating: Stars | None = None
    comment: Annotated[Text | None, Field(description="stored masked")] = None
    customer: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="author of the feedback, if not the customer of the prediction; stored as a keyed hash only",
        ),
    ] = None

    @model_validator(mode="after")
    def _has_feedback(self) -> Self:
        values = {name: getattr(self, name) for name in FEEDBACK_FIELDS} | {"none": self.none or None}
        if all(value is None for value in values.values()):
            raise ValueError(f"say at least one of {', '.join(FEEDBACK_FIELDS)}")
        return self


class FeedbackResponse(BaseModel):
    """The id of recorded feedback, and its model."""

    model_config = ConfigDict(json_schema_extra=examples.FEEDBACK_RESPONSE)

    id: int
    model: str


class Paused(BaseModel):
    """Reason and start of the pause, and the fixed label returned meanwhile (empty: abstains)."""

    reason: str
    since: str
    answer: str


class ModelInfo(BaseModel):
    """A loaded champion."""

    model_config = ConfigDict(json_schema_extra=examples.MODEL_INFO)

    model: str
    version: int
    kind: str
    labels: list[str]
    separator: Annotated[
        str | None, Field(description="separates the labels of a model of several labels in one text")
    ] = None
    since: str
    threshold: Annotated[float, Field(description="confidence threshold: predictions with a lower score abstain")]
    paused: Paused | None = None
    trial: Rollout | None = None


class Models(BaseModel):
    """Every loaded champion."""

    models: list[ModelInfo]


class Readiness(BaseModel):
    """The loaded versions, the problems, and the access mode (`keys`: a key is required)."""

    model_config = ConfigDict(json_schema_extra=examples.READINESS)

    ready: bool
    models: dict[str, int]
    problems: dict[str, str]
    access: Literal["open", "keys"]


class ErrorResponse(BaseModel):
    """The error of a request, with the remedy."""

    model_config = ConfigDict(json_schema_extra=examples.ERROR_RESPONSE)

    detail: str


def refusals(*statuses: int) -> Responses:
    """The OpenAPI responses of these error statuses."""
    return {status: {"model": ErrorResponse} for status in statuses}
