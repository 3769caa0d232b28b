"""FastAPI and `transformers.pipeline`: `python -m pipelines.bench.serving.peers.pipeline WEIGHTS PORT`."""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline


class Question(BaseModel):
    """Texts to label."""

    texts: list[str]


def app(folder: str) -> FastAPI:
    """One route, in FastAPI's threads, with the network in torch."""
    classify, api = pipeline("text-classification", model=folder, truncation=True, max_length=128), FastAPI()

    @api.post("/predict")
    def predict(question: Question) -> list[dict[str, Any]]:
        return list(classify(question.texts))

    return api


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[1]), port=int(sys.argv[2]), access_log=False)
