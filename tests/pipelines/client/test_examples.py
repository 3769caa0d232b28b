"""The examples of the page about clients, in both languages, run against a real service."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tritonclient.http import InferInput

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["docs/guides/clients.md", "docs/guides/clients.zh.md"])
def example(request, service):
    """Run the block that imports this module, and return its names."""

    def run(module, **names):
        text = (ROOT / request.param).read_text(encoding="utf-8")
        (block,) = (one for one in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if module in one)
        port = str(service.http.base_url.port)
        exec(block.replace(":8000", f":{port}").replace("8000", port), names)
        return names

    return run


def test_our_client_asks_and_answers_back(example, service):
    before = service.store.count_feedback("sentiment")
    assert example("pipelines.client")["prediction"].label in ("negative", "neutral", "positive")
    assert service.store.count_feedback("sentiment") == before + 1


def test_other_clients_ask_as_they_are(example):
    tensor = InferInput("text", [1], "BYTES")
    tensor.set_data_from_numpy(np.array(["bad"], dtype=object), binary_data=False)
    assert example("tritonclient", frame=pd.DataFrame({"text": ["bad"]}), inputs=[tensor])["outputs"]
