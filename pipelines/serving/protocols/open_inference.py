"""The Open Inference Protocol v2 (KServe, Triton) over HTTP: https://github.com/kserve/open-inference-protocol."""

from collections.abc import Callable
from importlib.metadata import version as installed
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from pipelines.kinds.known import find
from pipelines.serving.api.schemas import Responses
from pipelines.serving.engine.prediction import predict
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.models.champions import Champion, NoChampion, NotLoaded
from pipelines.serving.protocols.tensors import (
    ALL_OUTPUTS,
    Inference,
    InferenceRefusal,
    InferResponse,
    Metadata,
    Output,
    Result,
    Server,
    Tensor,
)
from pipelines.serving.service import Open, Service
from pipelines.store.predictions import Prediction

REFUSED: Responses = {"4XX": {"model": InferenceRefusal}, "5XX": {"model": InferenceRefusal}}
MODEL, VERSION = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"

router = APIRouter(tags=["open inference protocol"], responses=REFUSED)


async def _named(model: str, service: Open) -> Champion:
    return service.champions.find(model)


async def _numbered(model: str, version: str, service: Open) -> Champion:
    champion = service.champions.find(model)
    if version != str(champion.entry.version):
        raise NoChampion(f"only version {champion.entry.version} of {model!r} answers: the champion")
    return champion


Named = Annotated[Champion, Depends(_named)]
Numbered = Annotated[Champion, Depends(_numbered)]


@router.get("/v2", openapi_extra=require_scopes())
async def server() -> Server:
    """Who answers."""
    return Server(name="needloop", version=installed("needloop"), extensions=[])


@router.get("/v2/health/live", openapi_extra=public())
async def live() -> dict[str, bool]:
    """Whether the process answers at all."""
    return {"live": True}


@router.get("/v2/health/ready", openapi_extra=public())
async def ready(service: Open) -> dict[str, bool]:
    """Whether every champion answers."""
    if not service.ready:
        raise NotLoaded("not every champion answers: /readyz says why")
    return {"ready": True}


@router.get(f"{MODEL}/ready", openapi_extra=require_scopes())
async def model_ready(champion: Named) -> dict[str, str | bool]:
    """Whether the model answers."""
    return {"name": champion.entry.model, "ready": True}


@router.get(f"{VERSION}/ready", openapi_extra=require_scopes())
async def version_ready(champion: Numbered) -> dict[str, str | bool]:
    """Whether this version answers."""
    return {"name": champion.entry.model, "ready": True}


@router.get(MODEL, openapi_extra=require_scopes())
async def model_metadata(champion: Named) -> Metadata:
    """What the model takes and gives."""
    return _described(champion)


@router.get(VERSION, openapi_extra=require_scopes())
async def version_metadata(champion: Numbered) -> Metadata:
    """What this version takes and gives."""
    return _described(champion)


@router.post(f"{MODEL}/infer", response_model_exclude_none=True, openapi_extra=require_scopes("predict"))
async def infer(inference: Inference, champion: Named, service: Open) -> InferResponse:
    """Label texts. Each answer is kept, the text masked."""
    return await _inferred(inference, champion, service)


@router.post(f"{VERSION}/infer", response_model_exclude_none=True, openapi_extra=require_scopes("predict"))
async def infer_by_version(inference: Inference, champion: Numbered, service: Open) -> InferResponse:
    """Label texts by this version, or not at all."""
    return await _inferred(inference, champion, service)


def _described(champion: Champion) -> Metadata:
    return Metadata(
        name=champion.entry.model,
        versions=[str(champion.entry.version)],
        platform="onnxruntime_onnx",
        inputs=[Tensor(name="text", datatype="BYTES", shape=[-1])],
        outputs=[Tensor(name=name, datatype=datatype, shape=[-1]) for name, datatype in ALL_OUTPUTS.items()],
    )


async def _inferred(inference: Inference, champion: Champion, service: Service) -> InferResponse:
    found = await predict(service, champion, inference.inputs[0].data)
    answers = [_outputs(one, champion) for one in found]
    return InferResponse(
        model_name=champion.entry.model,
        model_version=str(champion.entry.version),
        id=inference.id,
        outputs=[
            Result(
                name=wanted.name,
                datatype=ALL_OUTPUTS[wanted.name],
                shape=[len(answers)],
                data=[one[wanted.name]() for one in answers],
            )
            for wanted in inference.outputs
        ],
    )


def _outputs(prediction: Prediction, champion: Champion) -> dict[Output, Callable[[], Any]]:
    """What each output says of one prediction; only what is asked for is made."""
    wire, target = find(champion.packaged.kind).wire, champion.packaged.target
    return {
        "label": lambda: prediction.label or "",
        "score": lambda: prediction.score or 0.0,
        "id": lambda: prediction.id,
        "abstained": lambda: bool(prediction.abstained),
        "answer": lambda: wire.answered(prediction, target).model_dump_json(exclude_none=True),
    }
