"""What the console's routes take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipelines.serving.api.examples import shown
from pipelines.serving.api.schemas import Body, whole
from pipelines.store.message_list import Said

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(whole)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\w")]


class Message(BaseModel):
    """A masked text with its answer, what was said about it, and what other models answered to the same text."""

    id: str
    time: datetime
    version: int
    text: str
    label: Annotated[str | None, Field(description="empty where the model was paused and named none")]
    score: float | None
    scores: dict[str, Any]
    abstained: bool | None
    said: Annotated[list[Said], Field(description="the newest, in order")]
    more: Annotated[int, Field(description="how many reactions there are beside those in `said`")]
    taught: Annotated[str | None, Field(description="the label that people gave this text; empty where none fits")]
    tied: Annotated[bool, Field(description="whether several labels have as many votes, so that none is learnt")]
    votes: Annotated[dict[str, int], Field(description="votes of each label where they are tied, the most first")]
    also: Annotated[dict[str, str], Field(description="the newest label of every other model, by model")]


class Page(BaseModel):
    """Messages in order; `older` is what to send as `before` for those next older, null where there are none."""

    messages: list[Message]
    older: str | None = None


class Undo(Body):
    """Feedback to be taken back, by the id that it was kept under."""

    model_config = ConfigDict(json_schema_extra=shown({"feedback": 17}))

    feedback: Number


class Undone(BaseModel):
    """Feedback that says nothing any more, and since when."""

    id: int
    undone: datetime


class Caller(BaseModel):
    """Who asks and what that key may do; without a name where the service is open."""

    name: str
    scopes: list[str]
    access: Literal["open", "keys"]
