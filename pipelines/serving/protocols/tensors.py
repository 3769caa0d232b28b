"""Requests and responses of the Open Inference Protocol v2: one text tensor in, labels and more out, as JSON."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

Parameters = dict[str, Any]
Datatype = Literal["BYTES", "FP32", "BOOL"]
Output = Literal["label", "score", "id", "abstained", "answer"]
OUTPUTS: dict[Output, Datatype] = {"label": "BYTES", "score": "FP32", "id": "BYTES", "abstained": "BOOL"}
# `answer`: the prediction as JSON, as in /v1, for every kind of model. Sent only on request.
ALL_OUTPUTS: dict[Output, Datatype] = OUTPUTS | {"answer": "BYTES"}
NO_BINARY = "binary tensors are not supported: set binary_data=False for every input, and name the outputs"


class TensorMetadata(BaseModel):
    """Name, datatype and shape of a tensor; -1 is any number of texts."""

    name: str
    datatype: Datatype
    shape: list[int]


class InputTensor(BaseModel):
    """The tensor `text`: one string for each text."""

    name: Literal["text"]
    datatype: Literal["BYTES"]
    shape: list[int]
    data: Texts
    parameters: Parameters = {}

    @model_validator(mode="after")
    def _has_matching_shape(self) -> Self:
        if self.shape != [len(self.data)]:
            raise ValueError(f"the shape must be [{len(self.data)}], the number of texts in `data`")
        return self


class RequestedOutput(BaseModel):
    """An output requested by the client."""

    name: Output
    parameters: Parameters = {}


class InferRequest(BaseModel):
    """Texts as a tensor; without `outputs` all but `answer` are returned."""

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
    """

    name: Output
    data: list[str] | list[float] | list[bool]


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
