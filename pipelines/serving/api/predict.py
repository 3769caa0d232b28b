"""`POST /v1/models/{model}/predict`: predictions of a champion."""

from typing import TYPE_CHECKING, Annotated, Self, Union

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from pipelines.kinds import wire
from pipelines.kinds.known import KINDS, find_kind
from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Body, Texts, refusals
from pipelines.serving.engine import prediction
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import ServiceDependency
from pipelines.serving.shortcuts.fast_path import FastRoute

router = APIRouter(tags=["predictions"], route_class=FastRoute)
MAX_EXPLAINED = 8
if TYPE_CHECKING:
    Answered = BaseModel
else:  # a schema for each built-in kind; predictions of other kinds are serialised as they are
    Answered = Union[*(kind.wire.Answered for kind in KINDS.values()), SerializeAsAny[wire.Answered]]


class PredictRequest(Body):
    """Texts for one model."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"explain": {"const": False}}},
                {"properties": {"texts": {"maxItems": MAX_EXPLAINED}}},
            ],
            **examples.PREDICT_REQUEST,
        }
    )

    texts: Texts
    customer: Annotated[
        str | None,
        Field(
            min_length=1, max_length=200, description="the customer who wrote the texts; stored as a keyed hash only"
        ),
    ] = None
    explain: Annotated[
        bool, Field(description=f"add `why`, the most influential words; for at most {MAX_EXPLAINED} texts")
    ] = False

    @model_validator(mode="after")
    def _has_few_texts(self) -> Self:
        if self.explain and len(self.texts) > MAX_EXPLAINED:
            raise ValueError(f"explain {MAX_EXPLAINED} texts at most: send more texts in further requests")
        return self


class PredictResponse(BaseModel):
    """Predictions in the order of the texts, and the version that made them."""

    model_config = ConfigDict(json_schema_extra=examples.PREDICT_RESPONSE)

    model: str
    version: int
    predictions: list[Answered]


@router.post(
    "/v1/models/{model}/predict",
    responses=refusals(404, 413, 415, 503),
    response_model_exclude_none=True,
    openapi_extra=require_scopes("predict"),
)
async def predict(model: str, body: PredictRequest, service: ServiceDependency) -> PredictResponse:
    """Label texts. Each prediction is recorded with its masked text, so feedback on its id is accepted at once."""
    champion = service.champions.find(model)
    predictions = await prediction.predict(service, champion, body.texts, body.customer)
    kind, target = find_kind(champion.packaged.kind), champion.packaged.target
    why = await prediction.explain(service, champion, predictions) if body.explain else [None] * len(predictions)
    bodies = [kind.wire.prediction_body(row, target, words) for row, words in zip(predictions, why, strict=True)]
    return PredictResponse(model=model, version=predictions[0].version, predictions=bodies)
