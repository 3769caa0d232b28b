"""What travels in the Open Inference Protocol v2: tensors as JSON, one text tensor in, labels and more out."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.serving.api import examples
from pipelines.serving.api.schemas import Texts

Parameters = dict[str, Any]
Datatype = Literal["BYTES", "FP32", "BOOL"]
Output = Literal["label", "score", "id", "abstained", "answer"]
OUTPUTS: dict[Output, Datatype] = {"label": "BYTES", "score": "FP32", "id": "BYTES", "abstained": "BOOL"}
# Whatever its kind: the answer as /v1 gives it, as JSON. Sent where it is asked for.
ALL_OUTPUTS: dict[Output, Datatype] = OUTPUTS | {"answer": "BYTES"}
NO_BINARY = "tensors travel as JSON here, not as binary: set binary_data=False for every input, and name the outputs"


class Tensor(BaseModel):
    """What a tensor is called and holds; -1 stands for any number of texts."""

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
    def _holds_what_it_says(self) -> Self:
        if self.shape != [len(self.data)]:
            raise ValueError(f"the shape must be [{len(self.data)}], the number of texts in `data`")
        return self


class RequestedOutput(BaseModel):
    """An output that is asked for."""

    name: Output
    parameters: Parameters = {}


class Inference(BaseModel):
    """Texts as a tensor; without `outputs` all come back."""

    model_config = ConfigDict(json_schema_extra=examples.INFERENCE)

    id: Annotated[str | None, Field(max_length=200)] = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: Annotated[list[RequestedOutput], Field(max_length=len(ALL_OUTPUTS))] = [
        RequestedOutput(name=name) for name in OUTPUTS
    ]
    parameters: Parameters = {}

    @model_validator(mode="after")
    def _speaks_json(self) -> Self:
        binary = self.parameters.get("binary_data_output"), *(one.parameters.get("binary_data") for one in self.outputs)
        if any(binary):
            raise ValueError(NO_BINARY)
        return self


class Result(Tensor):
    """One of: the label, or several labels as a file has them, empty for a model that is paused; how sure the model
    is; the id that feedback names; whether nobody should act on the answer; the whole answer as JSON.
    """

    name: Output
    data: list[str] | list[float] | list[bool]


class InferResponse(BaseModel):
    """One tensor for each output, in the order of the texts."""

    model_config = ConfigDict(json_schema_extra=examples.INFERRED)

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[Result]


class Server(BaseModel):
    """Who answers."""

    name: str
    version: str
    extensions: list[str]


class Metadata(BaseModel):
    """What a model takes and gives."""

    model_config = ConfigDict(json_schema_extra=examples.METADATA)

    name: str
    versions: list[str]
    platform: str
    inputs: list[Tensor]
    outputs: list[Tensor]


class InferenceRefusal(BaseModel):
    """Why a request was refused, and what to do."""

    model_config = ConfigDict(json_schema_extra=examples.INFERENCE_REFUSED)

    error: str
