"""FastAPI and ONNX Runtime: `python -m pipelines.bench.serving.peers.plain PACKAGE PORT`."""

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from pipelines.bench.serving.peers.bare import Bare


class Question(BaseModel):
    """Texts to label."""

    texts: list[str]


def app(package: Path) -> FastAPI:
    """One route, in FastAPI's threads; nothing is masked, stored or refused."""
    answer, api = Bare(package), FastAPI()

    @api.post("/predict")
    def predict(question: Question) -> list[dict[str, Any]]:
        return answer(question.texts)

    return api


if __name__ == "__main__":
    uvicorn.run(app(Path(sys.argv[1])), port=int(sys.argv[2]), access_log=False)
