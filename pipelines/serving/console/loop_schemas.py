"""Schemas of the response of `GET /v1/loop`."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from pipelines.serving.console.history import LedgerEntry


class RatingsSummary(BaseModel):
    """The number of raters and the mean of their ratings, 1 to 5 stars; each customer counts once."""

    count: int
    mean: float | None


class Schedule(BaseModel):
    """The next retraining of a model as Prefect reports it.

    `state`: `scheduled` for `time`; `queued` behind a run that is not finished; `late`: it was due at `time` and has
    not started; `paused`; `unplanned`: no active schedule, or one that never fires; `missing`: no deployment;
    `unanswered`: Prefect does not answer; `unwatched`: this service has no Prefect. `cron`: the schedule's expression.
    """

    state: Literal["scheduled", "queued", "late", "paused", "unplanned", "missing", "unanswered", "unwatched"]
    time: datetime | None = None
    cron: str | None = None


class LoopStatus(BaseModel):
    """The loop of one model: `waiting` texts have new labels, and `threshold` of them start a retraining.

    `ties` counts texts with as many votes for several labels; none of them is learnt.
    `cron` is as declared; `next` and `schedule` are as Prefect reports them.
    """

    model: str
    champion: int | None
    waiting: int
    ties: int
    threshold: int
    cron: str
    next: datetime | None
    schedule: Schedule
    last: LedgerEntry | None
    ratings: RatingsSummary
    drift: None = None
    needs: None = None


Severity = Literal["bad", "warn"]


class Title(BaseModel):
    """The title of a kind of alert in both languages of the console."""

    en: str
    zh: str


class Alert(BaseModel):
    """A state that a person should act on; `answer` is the label that a paused model gives to every text."""

    kind: str
    severity: Severity
    title: Title
    about: str
    said: str
    answer: str = ""


class Audit(BaseModel):
    """The last comparison of ledger, registry, artefacts and service: its time, and the differences in sentences."""

    time: datetime
    differences: list[str]


class Links(BaseModel):
    """Addresses of the pages of Prefect and MLflow; null if they do not run beside this service."""

    prefect: str | None
    mlflow: str | None


class PipelineStatus(BaseModel):
    """The loops of all declared models, the alerts, the last audit, and links to other pages."""

    models: list[LoopStatus]
    alerts: list[Alert]
    audit: Audit | None
    links: Links
