"""Shadow and canary in the responses of `GET /v1/models`."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, Field, computed_field

Mode = Literal["shadow", "canary"]


def _deprecated(successor: str) -> dict[str, Any]:
    return {"deprecated": True, "description": f"Deprecated, removed in the next release: read `{successor}`."}


class GuardCounts(BaseModel):
    """Counts of one arm: trials, and those of them in which the guarded event happened."""

    trials: Annotated[int, Field(validation_alias=AliasChoices("trials", "tries"))]
    successes: Annotated[int, Field(validation_alias=AliasChoices("successes", "hits"))]

    @computed_field(json_schema_extra=_deprecated("trials"))  # type: ignore[prop-decorator]
    @property
    def tries(self) -> int:
        """The old name of `trials`."""
        return self.trials

    @computed_field(json_schema_extra=_deprecated("successes"))  # type: ignore[prop-decorator]
    @property
    def hits(self) -> int:
        """The old name of `successes`."""
        return self.successes


class GuardStatus(BaseModel):
    """One guard of a canary: the rate of the challenger less that of the champion, as bounds between -1 and 1."""

    guard: str
    challenger: GuardCounts
    champion: GuardCounts
    difference_low: Annotated[float, Field(validation_alias=AliasChoices("difference_low", "worse_at_least"))]
    difference_high: Annotated[float, Field(validation_alias=AliasChoices("difference_high", "worse_at_most"))]
    allowed: float

    @computed_field(json_schema_extra=_deprecated("difference_low"))  # type: ignore[prop-decorator]
    @property
    def worse_at_least(self) -> float:
        """The old name of `difference_low`."""
        return self.difference_low

    @computed_field(json_schema_extra=_deprecated("difference_high"))  # type: ignore[prop-decorator]
    @property
    def worse_at_most(self) -> float:
        """The old name of `difference_high`."""
        return self.difference_high


class LabelAgreement(BaseModel):
    """The shadow's agreement with the champion's answers of one label, between 0 and 1."""

    label: str
    answers: int
    agreement: float | None = None


class Rollout(BaseModel):
    """A challenger beside the champion. Share, hours, verdict and guards are of a canary, the rest of a shadow."""

    mode: Annotated[Mode, Field(validation_alias=AliasChoices("mode", "way"))]
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
    labels: list[LabelAgreement] | None = None

    @computed_field(json_schema_extra=_deprecated("mode"))  # type: ignore[prop-decorator]
    @property
    def way(self) -> Mode:
        """The old name of `mode`."""
        return self.mode
