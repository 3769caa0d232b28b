"""The Open Inference Protocol v2 (KServe, Triton) over HTTP: https://github.com/kserve/open-inference-protocol."""

from importlib.metadata import version as installed
from typing import Annotated

from fastapi import APIRouter, Depends

from pipelines.serving.answers import ask
from pipelines.serving.bodies import Responses
from pipelines.serving.champions import Champion, NoChampion, NotLoaded
from pipelines.serving.needs import anybody, needs
from pipelines.serving.protocols.tensors import (
    OUTPUTS,
    Inference,
    InferenceRefusal,
    Inferred,
    Metadata,
    Result,
    Server,
    Tensor,
)
from pipelines.serving.service import Open, Service

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


@router.get("/v2", openapi_extra=needs())
async def server() -> Server:
    """Who answers."""
    return Server(name="needloop", version=installed("needloop"), extensions=[])


@router.get("/v2/health/live", openapi_extra=anybody())
async def live() -> dict[str, bool]:
    """Whether the process answers at all."""
    return {"live": True}


@router.get("/v2/health/ready", openapi_extra=anybody())
async def ready(service: Open) -> dict[str, bool]:
    """Whether every champion answers."""
    if not service.champions.board.ready:
        raise NotLoaded("not every champion is loaded: /readyz says why")
    return {"ready": True}


@router.get(f"{MODEL}/ready", openapi_extra=needs())
async def model_ready(champion: Named) -> dict[str, str | bool]:
    """Whether the model answers."""
    return {"name": champion.entry.model, "ready": True}


@router.get(f"{VERSION}/ready", openapi_extra=needs())
async def version_ready(champion: Numbered) -> dict[str, str | bool]:
    """Whether this version answers."""
    return {"name": champion.entry.model, "ready": True}


@router.get(MODEL, openapi_extra=needs())
async def model_metadata(champion: Named) -> Metadata:
    """What the model takes and gives."""
    return _described(champion)


@router.get(VERSION, openapi_extra=needs())
async def version_metadata(champion: Numbered) -> Metadata:
    """What this version takes and gives."""
    return _described(champion)


@router.post(f"{MODEL}/infer", response_model_exclude_none=True, openapi_extra=needs("predict"))
async def infer(inference: Inference, champion: Named, service: Open) -> Inferred:
    """Label texts. Each answer is kept, the text masked."""
    return await _inferred(inference, champion, service)


@router.post(f"{VERSION}/infer", response_model_exclude_none=True, openapi_extra=needs("predict"))
async def infer_by_version(inference: Inference, champion: Numbered, service: Open) -> Inferred:
    """Label texts by this version, or not at all."""
    return await _inferred(inference, champion, service)


def _described(champion: Champion) -> Metadata:
    return Metadata(
        name=champion.entry.model,
        versions=[str(champion.entry.version)],
        platform="onnxruntime_onnx",
        inputs=[Tensor(name="text", datatype="BYTES", shape=[-1])],
        outputs=[Tensor(name=name, datatype=datatype, shape=[-1]) for name, datatype in OUTPUTS.items()],
    )


async def _inferred(inference: Inference, champion: Champion, service: Service) -> Inferred:
    found = await ask(service, champion, inference.inputs[0].data)
    answers = [
        {"label": one.label, "score": one.score, "id": one.id, "abstained": bool(one.abstained)} for one in found
    ]
    return Inferred(
        model_name=champion.entry.model,
        model_version=str(champion.entry.version),
        id=inference.id,
        outputs=[
            Result(
                name=wanted.name,
                datatype=OUTPUTS[wanted.name],
                shape=[len(answers)],
                data=[one[wanted.name] for one in answers],
            )
            for wanted in inference.outputs
        ],
    )
