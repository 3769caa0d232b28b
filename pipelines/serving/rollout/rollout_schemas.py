"""How a trial is told over HTTP."""

from typing import Literal

from pydantic import BaseModel


class GuardCounts(BaseModel):
    """Of so many tries so many hits."""

    tries: int
    hits: int


class GuardStatus(BaseModel):
    """What one guard of a canary saw: how much more often the challenger's, in shares, at least and at most."""

    guard: str
    challenger: GuardCounts
    champion: GuardCounts
    worse_at_least: float
    worse_at_most: float
    allowed: float


class Agreed(BaseModel):
    """How often a shadow agreed where the champion gave this label."""

    label: str
    answers: int
    agreement: float | None = None


class Rollout(BaseModel):
    """A challenger beside the champion. A canary has a share, hours, a verdict and guards, a shadow the rest."""

    way: Literal["shadow", "canary"]
    version: int
    since: str
    reason: str
    share: float | None = None
    hours: float | None = None
    verdict: str | None = None
    guards: list[GuardStatus] | None = None
    answers: int | None = None
    agreement: float | None = None
    dropped: int | None = None
    failed: int | None = None
    labels: list[Agreed] | None = None
