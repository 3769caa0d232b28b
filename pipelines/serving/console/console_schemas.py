"""Schemas of the console's requests and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipelines.serving.api.examples import examples_schema
from pipelines.serving.api.schemas import Body, to_integer
from pipelines.store.message_feedback import MessageFeedback

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(to_integer)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\w")]


class MessageBody(BaseModel):
    """A masked text with its answer, its feedback, and the answers of other models to the same text."""

    id: str
    time: datetime
    version: int
    text: str
    label: Annotated[str | None, Field(description="null if the model was paused without a fixed label")]
    score: float | None
    scores: dict[str, Any]
    abstained: bool | None
    said: Annotated[list[MessageFeedback], Field(description="the newest feedback, oldest first")]
    more: Annotated[int, Field(description="number of older feedback rows that are not in `said`")]
    taught: Annotated[
        str | None,
        Field(description="the text's label from feedback; empty: no label fits"),
    ]
    tied: Annotated[bool, Field(description="true if several labels have as many votes, so that none is learnt")]
    votes: Annotated[dict[str, int], Field(description="votes of each label if they are tied, most votes first")]
    also: Annotated[dict[str, str], Field(description="the newest label of every other model, by model")]


class MessagePage(BaseModel):
    """Messages in order; send `older` as `before` to get the next older page; null on the last page."""

    messages: list[MessageBody]
    older: str | None = None


class UndoRequest(Body):
    """The id of the feedback to undo."""

    model_config = ConfigDict(json_schema_extra=examples_schema({"feedback": 17}))

    feedback: Number


class UndoResponse(BaseModel):
    """Feedback that was undone, and when."""

    id: int
    undone: datetime


class SignedInCaller(BaseModel):
    """The name and scopes of the caller's API key; the name is empty if the service asks for no keys."""

    name: str
    scopes: list[str]
    access: Literal["open", "keys"]
