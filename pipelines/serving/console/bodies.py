"""What the console's routes take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipelines.ledger import Event
from pipelines.serving.bodies import Body, whole
from pipelines.serving.examples import shown

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(whole)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\w")]


class Said(BaseModel):
    """Feedback that stands; a comment is masked."""

    id: int
    time: datetime
    label: str | None
    correct: bool | None
    rating: int | None
    comment: str | None


class Message(BaseModel):
    """A masked text with its answer, what was said about it, and what other models answered to the same text."""

    id: str
    time: datetime
    version: int
    text: str
    label: Annotated[str, Field(description="empty where the model was paused and named none")]
    score: float
    scores: dict[str, float]
    abstained: bool | None
    said: list[Said]
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


class Noted(BaseModel):
    """An entry of the ledger."""

    event: Event
    version: int
    time: str
    champion: int | None
    reasons: list[str]
    override: str
    by: str
    answer: str
    feedback: int


State = Literal["champion", "previous", "past", "refused", "pruned"]


class Version(BaseModel):
    """A version that was judged; macro-F1 and accuracy with the 95% intervals they were found in."""

    version: int
    state: State
    time: str
    reasons: list[str]
    override: str
    feedback: int
    macro_f1: dict[str, float] | None
    accuracy: dict[str, float] | None
    rows: int | None
    faults: list[str]


class History(BaseModel):
    """A model's versions and everything that the ledger says of it, the newest first."""

    model: str
    champion: int | None
    back: Annotated[int | None, Field(description="the version that a rollback would return to")]
    versions: list[Version]
    entries: list[Noted]


class Judged(BaseModel):
    """What a version was decided on: its scorecard as it was kept, and the pictures that are there."""

    version: Version
    scorecard: dict[str, Any] | None
    pictures: list[str]


class Flip(BaseModel):
    """A held-out text that two versions answer differently."""

    text: str
    label: str
    before: str
    after: str
    change: Literal["gained", "lost", "neither"]


class Changes(BaseModel):
    """What two versions answered differently on the texts that both were judged on; `why` nothing can be said."""

    texts: int
    gained: int
    lost: int
    neither: int
    flips: list[Flip]
    why: str


class Promotion(Body):
    """Which version to judge again; `champion` is the one that stands, as whoever decides sees it.

    With a `reason` it is promoted whatever the gate says.
    """

    model_config = ConfigDict(json_schema_extra=shown({"version": 2, "champion": 3}))

    version: Number
    champion: Number | None
    reason: Reason | None = None


class Return(Body):
    """Back to an earlier champion: the one before, or version `to`."""

    model_config = ConfigDict(json_schema_extra=shown({"champion": 3, "reason": "it insults people"}))

    champion: Number
    reason: Reason
    to: Number | None = None


class Task(BaseModel):
    """A command that was started here; `code` is null while it runs, 0 done, 3 refused, else it failed."""

    model: str
    what: str
    started: datetime
    code: int | None
    said: str


class Tasks(BaseModel):
    """The last command for each model."""

    tasks: list[Task]
