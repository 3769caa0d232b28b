"""The Open Inference Protocol v2 (KServe, Triton) over HTTP: https://github.com/kserve/open-inference-protocol."""

from importlib.metadata import version as installed
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException

from pipelines.serving.api.json_bodies import JsonRoute
from pipelines.serving.api.schemas import Responses
from pipelines.serving.engine.prediction import predict
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.models.champions import Champion, NoChampion, NotLoaded
from pipelines.serving.protocols.output_tensors import SCORES, output_tensor
from pipelines.serving.protocols.tensors import (
    ALL_OUTPUTS,
    InferErrorResponse,
    InferRequest,
    InferResponse,
    ModelMetadata,
    ServerMetadata,
    TensorMetadata,
)
from pipelines.serving.service import Service, ServiceDependency

REFUSED: Responses = {"4XX": {"model": InferErrorResponse}, "5XX": {"model": InferErrorResponse}}
MODEL, VERSION = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"

router = APIRouter(tags=["open inference protocol"], responses=REFUSED, route_class=JsonRoute)


async def _champion(model: str, service: ServiceDependency) -> Champion:
    return service.champions.find(model)


async def _champion_version(model: str, version: str, service: ServiceDependency) -> Champion:
    champion = service.champions.find(model)
    if version != str(champion.entry.version):
        raise NoChampion(f"only version {champion.entry.version} of {model!r} answers: the champion")
    return champion


ModelChampion = Annotated[Champion, Depends(_champion)]
VersionChampion = Annotated[Champion, Depends(_champion_version)]


@router.get("/v2", openapi_extra=require_scopes())
async def server() -> ServerMetadata:
    """Name and version of the server."""
    return ServerMetadata(name="needloop", version=installed("needloop"), extensions=[])


@router.get("/v2/health/live", openapi_extra=public())
async def live() -> dict[str, bool]:
    """Liveness: 200 while the process responds."""
    return {"live": True}


@router.get("/v2/health/ready", openapi_extra=public())
async def ready(service: ServiceDependency) -> dict[str, bool]:
    """Readiness: 200 if every champion is loaded, else 503."""
    if not service.ready:
        raise NotLoaded("not every champion is loaded: /readyz says why")
    return {"ready": True}


@router.get(f"{MODEL}/ready", openapi_extra=require_scopes())
async def model_ready(champion: ModelChampion) -> dict[str, str | bool]:
    """Readiness of a model: 200 if its champion is loaded."""
    return {"name": champion.entry.model, "ready": True}


@router.get(f"{VERSION}/ready", openapi_extra=require_scopes())
async def version_ready(champion: VersionChampion) -> dict[str, str | bool]:
    """Readiness of a version: 200 if it is the loaded champion."""
    return {"name": champion.entry.model, "ready": True}


@router.get(MODEL, openapi_extra=require_scopes())
async def model_metadata(champion: ModelChampion) -> ModelMetadata:
    """Inputs and outputs of a model."""
    return _metadata(champion)


@router.get(VERSION, openapi_extra=require_scopes())
async def version_metadata(champion: VersionChampion) -> ModelMetadata:
    """Inputs and outputs of a version."""
    return _metadata(champion)


@router.post(f"{MODEL}/infer", response_model_exclude_none=True, openapi_extra=require_scopes("predict"))
async def infer(body: InferRequest, champion: ModelChampion, service: ServiceDependency) -> InferResponse:
    """Label texts. Each prediction is recorded, with its text masked."""
    return await _infer(body, champion, service)


@router.post(f"{VERSION}/infer", response_model_exclude_none=True, openapi_extra=require_scopes("predict"))
async def infer_by_version(body: InferRequest, champion: VersionChampion, service: ServiceDependency) -> InferResponse:
    """Label texts with this version; 404 if it is not the champion."""
    return await _infer(body, champion, service)


def _metadata(champion: Champion) -> ModelMetadata:
    labels = champion.packaged.target.names
    return ModelMetadata(
        name=champion.entry.model,
        versions=[str(champion.entry.version)],
        platform="onnxruntime_onnx",
        inputs=[TensorMetadata(name="text", datatype="BYTES", shape=[-1])],
        outputs=[
            TensorMetadata(name=name, datatype=datatype, shape=[-1, len(labels)] if name == SCORES else [-1])
            for name, datatype in ALL_OUTPUTS.items()
            if labels or name != SCORES
        ],
    )


async def _infer(body: InferRequest, champion: Champion, service: Service) -> InferResponse:
    names = [output.name for output in body.outputs]
    if SCORES in names and not champion.packaged.target.names:
        raise HTTPException(400, f"{champion.entry.model!r} has no labels, so there is no output {SCORES!r}")
    predictions = await predict(service, champion, body.inputs[0].data)
    return InferResponse(
        model_name=champion.entry.model,
        model_version=str(champion.entry.version),
        id=body.id,
        outputs=[output_tensor(name, predictions, champion, body.inputs[0].shape) for name in names],
    )
