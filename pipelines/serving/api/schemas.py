"""What travels over HTTP, with the limits that everybody must keep."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, StringConstraints, model_validator

from pipelines.kinds import wire
from pipelines.kinds.known import KINDS
from pipelines.serving.api import examples
from pipelines.serving.rollout.rollout_schemas import Rollout

Responses = dict[int | str, dict[str, Any]]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
# For the description alone: what can be seen of a text is decided after normalising, and a pattern says part of that.
VISIBLE = r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]"
Message = Annotated[Text, Field(json_schema_extra={"pattern": VISIBLE})]
Texts = Annotated[list[Message], Field(min_length=1, max_length=256)]
EXPLAINED = 8
SAID = ("label", "labels", "none", "correct", "rating", "comment")
if TYPE_CHECKING:
    Answered = BaseModel
else:  # described kind by kind; one that a catalog adds is given as it is
    Answered = Union[*(kind.wire.Answered for kind in KINDS.values()), SerializeAsAny[wire.Answered]]


def whole(number: object) -> object:
    """In JSON 5.0 is the integer 5."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Stars = Annotated[int, Field(ge=1, le=5), BeforeValidator(whole)]


class Body(BaseModel):
    """Nothing is guessed: a misspelt field or a number sent as text is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PredictRequest(Body):
    """Texts for one model."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"explain": {"const": False}}},
                {"properties": {"texts": {"maxItems": EXPLAINED}}},
            ],
            **examples.QUESTION,
        }
    )

    texts: Texts
    customer: Annotated[
        str | None,
        Field(min_length=1, max_length=200, description="who wrote; kept as a keyed hash only"),
    ] = None
    explain: Annotated[bool, Field(description=f"add `why`: the words that mattered; {EXPLAINED} texts at most")] = (
        False
    )

    @model_validator(mode="after")
    def _explains_few(self) -> Self:
        if self.explain and len(self.texts) > EXPLAINED:
            raise ValueError(f"explain {EXPLAINED} texts at most: send the others in requests of their own")
        return self


class FeedbackRequest(Body):
    """What somebody says about one prediction: at least one of label, labels, none, correct, rating and comment."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in SAID],
            **examples.REACTION,
        }
    )

    prediction: Annotated[str, Field(max_length=100, pattern=r"^[!-~]+$")]
    label: Annotated[str | None, Field(max_length=200, description="the right label")] = None
    labels: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]] | None,
        Field(max_length=300, description="the right labels, of a model that gives several; none of them: []"),
    ] = None
    none: Annotated[Literal[True] | None, Field(description="none of what the model can answer is right")] = None
    correct: Annotated[bool | None, Field(description="whether the predicted label is right")] = None
    rating: Stars | None = None
    comment: Annotated[Text | None, Field(description="kept masked")] = None
    customer: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="who says so, if not the customer of the prediction; kept as a keyed hash only",
        ),
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) is None for name in SAID):
            raise ValueError(f"say at least one of {', '.join(SAID)}")
        return self


class PredictResponse(BaseModel):
    """Predictions in the order of the texts, and the version that made them."""

    model_config = ConfigDict(json_schema_extra=examples.ANSWERS)

    model: str
    version: int
    predictions: list[Answered]


class FeedbackResponse(BaseModel):
    """Feedback that is on disk."""

    model_config = ConfigDict(json_schema_extra=examples.KEPT)

    id: int
    model: str


class Paused(BaseModel):
    """Why and since when a model says nothing of its own, and the label it gives instead, if any."""

    reason: str
    since: str
    answer: str


class ModelInfo(BaseModel):
    """A champion that answers."""

    model_config = ConfigDict(json_schema_extra=examples.SERVED)

    model: str
    version: int
    kind: str
    labels: list[str]
    separator: Annotated[str | None, Field(description="between the labels that the console gives as one text")] = None
    since: str
    threshold: Annotated[float, Field(description="answers with a lower score abstained")]
    paused: Paused | None = None
    trial: Rollout | None = None


class Models(BaseModel):
    """Every champion that answers."""

    models: list[ModelInfo]


class Readiness(BaseModel):
    """What is served, what stands in the way of more, and whether keys are asked for."""

    model_config = ConfigDict(json_schema_extra=examples.READINESS)

    ready: bool
    models: dict[str, int]
    problems: dict[str, str]
    access: Literal["open", "keys"]


class ErrorResponse(BaseModel):
    """Why a request was refused, and what to do."""

    model_config = ConfigDict(json_schema_extra=examples.PROBLEM)

    detail: str


def refusals(*statuses: int) -> Responses:
    """The OpenAPI entries of these statuses."""
    return {status: {"model": ErrorResponse} for status in statuses}
