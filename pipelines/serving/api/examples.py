"""Examples of the API description: requests and responses of a service with the model `sentiment`."""

from typing import Any

from pydantic.config import JsonDict

ID = "5f0c64f2b5d34ad5a4b2f1d1b5f0c64f"
TEXT, OTHER = "@united you lost my bag again", "thank you, that was quick"


def examples_schema(*examples: JsonDict) -> JsonDict:
    """The part of a JSON schema that contains examples."""
    return {"examples": [*examples]}


PREDICT_REQUEST = examples_schema({"texts": [TEXT, OTHER], "customer": "c-1042"}, {"texts": [TEXT], "explain": True})
FEEDBACK_REQUEST = examples_schema(
    {"prediction": ID, "label": "negative"},
    {"prediction": ID, "correct": True, "rating": 5, "comment": "as I would have said"},
)
PREDICT_RESPONSE = examples_schema(
    {
        "model": "sentiment",
        "version": 3,
        "predictions": [
            {
                "id": ID,
                "label": "negative",
                "score": 0.93,
                "scores": {"negative": 0.93, "neutral": 0.05, "positive": 0.02},
                "abstained": False,
                "why": [{"word": "lost", "weight": 0.31}, {"word": "again", "weight": 0.12}],
            }
        ],
    }
)
FEEDBACK_RESPONSE = examples_schema({"id": 17, "model": "sentiment"})
MODEL_INFO = examples_schema(
    {
        "model": "sentiment",
        "version": 3,
        "kind": "classification",
        "labels": ["negative", "neutral", "positive"],
        "since": "2026-11-24T09:30:00.000+00:00",
        "threshold": 0.62,
        "paused": {"reason": "it insults customers", "since": "2026-11-24T10:00:00.000+00:00", "answer": "neutral"},
        "trial": {
            "mode": "shadow",
            "way": "shadow",
            "version": 4,
            "since": "2026-11-24T10:30:00.000+00:00",
            "reason": "to see",
            "answers": 120,
            "agreement": 0.95,
            "dropped": 0,
            "failed": 0,
            "labels": [{"label": "negative", "answers": 120, "agreement": 0.95}],
        },
    }
)
READINESS = examples_schema({"ready": True, "models": {"sentiment": 3}, "problems": {}, "access": "open"})
ERROR_RESPONSE = examples_schema({"detail": "no such model; choose from intent, sentiment"})

INFER_REQUEST = examples_schema(
    {
        "id": "42",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [2], "data": [TEXT, OTHER]}],
        "outputs": [{"name": "label"}, {"name": "score"}],
    },
    {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": [TEXT]}]},
)
INFER_RESPONSE = examples_schema(
    {
        "model_name": "sentiment",
        "model_version": "3",
        "id": "42",
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [2], "data": ["negative", "positive"]},
            {"name": "score", "datatype": "FP32", "shape": [2], "data": [0.93, 0.97]},
        ],
    }
)
MODEL_METADATA = examples_schema(
    {
        "name": "sentiment",
        "versions": ["3"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "score", "datatype": "FP32", "shape": [-1]},
            {"name": "id", "datatype": "BYTES", "shape": [-1]},
            {"name": "abstained", "datatype": "BOOL", "shape": [-1]},
        ],
    }
)
INFERENCE_ERROR = examples_schema({"error": "only version 3 of 'sentiment' answers: the champion"})

TABLE_INPUTS: dict[str, Any] = {
    "dataframe_split": {"value": {"dataframe_split": {"columns": ["text"], "data": [[TEXT], [OTHER]]}}},
    "dataframe_records": {"value": {"dataframe_records": [{"text": TEXT}, {"text": OTHER}]}},
    "instances": {"value": {"instances": [TEXT, OTHER]}},
    "inputs": {"value": {"inputs": {"text": [TEXT, OTHER]}}},
}
CSV_INPUT = f'text\n"{TEXT}"\n"{OTHER}"\n'
INVOCATION_RESPONSE = examples_schema(
    {"predictions": [{"label": "negative", "score": 0.93, "id": ID, "version": 3, "abstained": False}]}
)
INVOCATION_ERROR = examples_schema(
    {"error_code": "BAD_REQUEST", "message": "send a column named `text`, with a value in every row"}
)
