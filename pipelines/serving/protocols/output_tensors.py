"""Output tensors of the Open Inference Protocol: one value for each text, or the scores of all labels."""

from collections.abc import Callable, Sequence
from typing import Any

from pipelines.kinds.known import find_kind
from pipelines.serving.models.champions import Champion
from pipelines.serving.protocols.tensors import ALL_OUTPUTS, Output, OutputTensor
from pipelines.store.predictions import Prediction

SCORES: Output = "scores"


def output_tensor(
    name: Output, predictions: Sequence[Prediction], champion: Champion, shape: list[int]
) -> OutputTensor:
    """The tensor of an output; `shape` is that of the texts."""
    if name == SCORES:
        return _scores(predictions, champion.packaged.target.names)
    value = _value_function(name, champion)
    return OutputTensor(name=name, datatype=ALL_OUTPUTS[name], shape=shape, data=list(map(value, predictions)))


def _scores(predictions: Sequence[Prediction], labels: Sequence[str]) -> OutputTensor:
    return OutputTensor(
        name=SCORES,
        datatype=ALL_OUTPUTS[SCORES],
        shape=[len(predictions), len(labels)],
        data=[float(prediction.payload.get(label, 0.0)) for prediction in predictions for label in labels],
        parameters={"labels": list(labels)},
    )


def _value_function(name: Output, champion: Champion) -> Callable[[Prediction], Any]:
    """The function that gives an output with one value for each prediction."""
    wire, target = find_kind(champion.packaged.kind).wire, champion.packaged.target
    functions: dict[Output, Callable[[Prediction], Any]] = {
        "label": lambda prediction: prediction.label or "",
        "score": lambda prediction: prediction.score or 0.0,
        "id": lambda prediction: prediction.id,
        "abstained": lambda prediction: bool(prediction.abstained),
        "answer": lambda prediction: wire.prediction_body(prediction, target).model_dump_json(exclude_none=True),
    }
    return functions[name]
