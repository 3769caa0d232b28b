"""What travels over HTTP, with the limits that everybody must keep."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipelines.inference.occlusion import Word
from pipelines.serving import examples

Responses = dict[int | str, dict[str, Any]]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=256)]
EXPLAINED = 8


class Body(BaseModel):
    """Nothing is guessed: a misspelt field or a number sent as text is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Question(Body):
    """Texts for one model."""

    model_config = ConfigDict(json_schema_extra=examples.QUESTION)

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


class Reaction(Body):
    """What somebody says about one prediction; at least one of the last four."""

    model_config = ConfigDict(json_schema_extra=examples.REACTION)

    prediction: Annotated[str, Field(max_length=100, pattern=r"^[!-~]+$")]
    label: Annotated[str | None, Field(max_length=200, description="the right label")] = None
    correct: Annotated[bool | None, Field(description="whether the predicted label is right")] = None
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    comment: Annotated[Text | None, Field(description="kept masked")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(said is None for said in (self.label, self.correct, self.rating, self.comment)):
            raise ValueError("say at least one of label, correct, rating, comment")
        return self


class Answered(BaseModel):
    """One prediction; send its id along with feedback.

    The score is a calibrated confidence. Nobody should act on an answer that `abstained`: the confidence lies under
    the model's threshold, or the model is paused and named no label.
    """

    id: str
    label: str
    score: float
    scores: dict[str, float]
    abstained: bool
    why: Annotated[list[Word] | None, Field(description="the weightiest first; what was masked stays masked")] = None


class Answers(BaseModel):
    """Predictions in the order of the texts, and the version that made them."""

    model_config = ConfigDict(json_schema_extra=examples.ANSWERS)

    model: str
    version: int
    predictions: list[Answered]


class Kept(BaseModel):
    """Feedback that is on disk."""

    model_config = ConfigDict(json_schema_extra=examples.KEPT)

    id: int
    model: str


class Paused(BaseModel):
    """Why and since when a model says nothing of its own, and the label it gives instead, if any."""

    reason: str
    since: str
    answer: str


class Served(BaseModel):
    """A champion that answers."""

    model_config = ConfigDict(json_schema_extra=examples.SERVED)

    model: str
    version: int
    kind: str
    labels: list[str]
    since: str
    paused: Paused | None = None


class Models(BaseModel):
    """Every champion that answers."""

    models: list[Served]


class Readiness(BaseModel):
    """What is served, and what stands in the way of more."""

    model_config = ConfigDict(json_schema_extra=examples.READINESS)

    ready: bool
    models: dict[str, int]
    problems: dict[str, str]


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    model_config = ConfigDict(json_schema_extra=examples.PROBLEM)

    detail: str


def refusals(*statuses: int) -> Responses:
    """The OpenAPI entries of these statuses."""
    return {status: {"model": Problem} for status in statuses}
