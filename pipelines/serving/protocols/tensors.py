"""Requests and responses of the Open Inference Protocol v2: one text tensor in, labels and more out, as JSON."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

Parameters = dict[str, Any]
Datatype = Literal["BYTES", "FP32", "BOOL"]
Output = Literal["label", "score", "id", "abstained", "answer", "scores"]
OUTPUTS: dict[Output, Datatype] = {"label": "BYTES", "score": "FP32", "id": "BYTES", "abstained": "BOOL"}
# Sent only on request. `answer`: the prediction as JSON, as in /v1, for every kind of model.
ALL_OUTPUTS: dict[Output, Datatype] = OUTPUTS | {"answer": "BYTES", "scores": "FP32"}
NO_BINARY = "binary tensors are not supported: set binary_data=False for every input, and name the outputs"


class TensorMetadata(BaseModel):
    """Name, datatype and shape of a tensor; -1 is any number of texts."""

    name: str
    datatype: Datatype
    shape: list[int]


def flattened(data: object) -> object:
    """The elements in row-major order; the protocol allows nested lists as well as flat ones."""
    if isinstance(data, list) and data and all(isinstance(row, list) for row in data):
        return [text for row in data for text in row]
    return data


class InputTensor(BaseModel):
    """The tensor `text`: one string for each text."""

    name: Literal["text"]
    datatype: Literal["BYTES"]
    shape: Annotated[list[int], Field(description="`[n]` for n texts, or `[n, 1]` or `[1, n]`")]
    data: Annotated[Texts, BeforeValidator(flattened)]
    parameters: Parameters = {}

    @model_validator(mode="after")
    def _has_matching_shape(self) -> Self:
        count = len(self.data)
        if self.shape not in ([count], [count, 1], [1, count]):
            raise ValueError(f"the shape must be [{count}] or [{count}, 1], with the number of texts in `data`")
        return self


class RequestedOutput(BaseModel):
    """An output requested by the client."""

    name: Output
    parameters: Parameters = {}


class InferRequest(BaseModel):
    """Texts as a tensor; without `outputs` all but `answer` and `scores` are returned."""

    model_config = ConfigDict(json_schema_extra=examples.INFER_REQUEST)

    id: Annotated[str | None, Field(max_length=200)] = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: Annotated[list[RequestedOutput], Field(max_length=len(ALL_OUTPUTS))] = [
        RequestedOutput(name=name) for name in OUTPUTS
    ]
    parameters: Parameters = {}

    @model_validator(mode="after")
    def _is_json(self) -> Self:
        binary = self.parameters.get("binary_data_output"), *(row.parameters.get("binary_data") for row in self.outputs)
        if any(binary):
            raise ValueError(NO_BINARY)
        return self


class OutputTensor(TensorMetadata):
    """One output, with a value for each text.

    `label`: the label, or several labels in the format of data files, empty for a paused model; `score`: confidence;
    `id`: for feedback; `abstained`: true if the prediction should not be used; `answer`: the prediction as JSON.
    Their shape is that of the input. `scores`: the scores of all labels, of the shape `[texts, labels]`, text by text,
    in the order of the parameter `labels`; 0 for a paused model.
    """

    name: Output
    data: list[str] | list[float] | list[bool]
    parameters: Parameters | None = None


class InferResponse(BaseModel):
    """One tensor for each output, in the order of the texts."""

    model_config = ConfigDict(json_schema_extra=examples.INFER_RESPONSE)

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class ServerMetadata(BaseModel):
    """Name and version of the server."""

    name: str
    version: str
    extensions: list[str]


class ModelMetadata(BaseModel):
    """Inputs and outputs of a model."""

    model_config = ConfigDict(json_schema_extra=examples.MODEL_METADATA)

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class InferErrorResponse(BaseModel):
    """The error of a request, with the remedy."""

    model_config = ConfigDict(json_schema_extra=examples.INFERENCE_ERROR)

    error: str
