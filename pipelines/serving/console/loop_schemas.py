"""What `GET /v1/loop` gives."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from pipelines.serving.console.history import Noted


class Rated(BaseModel):
    """How many raters there are, and the mean of theirs, of 1 to 5: a customer counts once."""

    count: int
    mean: float | None


class Schedule(BaseModel):
    """What Prefect says about the next retraining of a model.

    `state`: `scheduled` and `time` is when; `queued` behind a run that is under way; `late`: it was due at `time` and
    has not started; `paused`; `unplanned`: no active schedule, or one that never fires; `missing`: no deployment;
    `unanswered`: Prefect does not answer; `unwatched`: this service knows of no Prefect. `cron`: the schedule's own.
    """

    state: Literal["scheduled", "queued", "late", "paused", "unplanned", "missing", "unanswered", "unwatched"]
    time: datetime | None = None
    cron: str | None = None


class LoopStatus(BaseModel):
    """One model's way around the loop: labels that wait to be learnt from, of how many start a retraining.

    Of `ties` texts nothing is learnt: several labels have as many votes.
    `cron` is as declared; `next` and `schedule` are as Prefect says.
    """

    model: str
    champion: int | None
    waiting: int
    ties: int
    threshold: int
    cron: str
    next: datetime | None
    schedule: Schedule
    last: Noted | None
    ratings: Rated
    drift: None = None
    needs: None = None


Severity = Literal["bad", "warn"]


class Title(BaseModel):
    """What the console calls a kind of alert, in each of its languages."""

    en: str
    zh: str


class Alert(BaseModel):
    """Something that a person should look at; `answer` is the label that a paused model gives to every text."""

    kind: str
    severity: Severity
    title: Title
    about: str
    said: str
    answer: str = ""


class Audit(BaseModel):
    """When ledger, registry, artefacts and service were compared last, and what differed."""

    time: datetime
    differences: list[str]


class Links(BaseModel):
    """The pages of Prefect and MLflow, where they run beside this service."""

    prefect: str | None
    mlflow: str | None


class PipelineStatus(BaseModel):
    """How the loop fares."""

    models: list[LoopStatus]
    alerts: list[Alert]
    audit: Audit | None
    links: Links
