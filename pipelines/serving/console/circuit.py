"""What `GET /v1/loop` gives."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from pipelines.serving.console.history import Noted


class Rated(BaseModel):
    """How many ratings people gave, and their mean of 1 to 5."""

    count: int
    mean: float | None


class Circuit(BaseModel):
    """One model's way around the loop: labels that wait to be learnt from, of how many start a retraining."""

    model: str
    champion: int | None
    waiting: int
    threshold: int
    cron: str
    next: datetime | None
    last: Noted | None
    ratings: Rated
    drift: None = None
    needs: None = None


class Alert(BaseModel):
    """Something that a person should look at; `answer` is the label that a paused model gives to every text."""

    kind: Literal["problem", "paused", "trial", "abort", "audit"]
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


class Loop(BaseModel):
    """How the loop fares."""

    models: list[Circuit]
    alerts: list[Alert]
    audit: Audit | None
    links: Links
