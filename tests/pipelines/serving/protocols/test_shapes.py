"""The Open Inference Protocol: shapes as other servers take them, and the scores of all labels."""

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

INFER = "/v2/models/sentiment/infer"
TEXTS = ["bad", "good", "so"]
LABELS = ["negative", "positive", "neutral"]


def request(shape, data, *outputs):
    tensor = {"name": "text", "datatype": "BYTES", "shape": shape, "data": data}
    return {"inputs": [tensor], "outputs": [{"name": name} for name in outputs or ("label",)]}


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ([3], TEXTS),
        ([3, 1], TEXTS),
        ([1, 3], TEXTS),
        ([3, 1], [[text] for text in TEXTS]),
        ([1, 3], [TEXTS]),
    ],
    ids=str,
)
def test_a_column_and_a_row_of_texts_are_labelled_in_the_shape_that_was_sent(service, shape, data):
    answer = service.http.post(INFER, json=request(shape, data, "label", "score", "id", "abstained"))
    assert answer.status_code == 200
    outputs = {output["name"]: output for output in answer.json()["outputs"]}
    assert outputs["label"]["data"] == LABELS
    assert all(output["shape"] == shape for output in outputs.values())


def test_tritons_client_sends_a_column_and_reads_one(service):
    with InferenceServerClient(f"127.0.0.1:{service.http.base_url.port}") as client:
        tensor = InferInput("text", [3, 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[text] for text in TEXTS], dtype=object), binary_data=False)
        outputs = [InferRequestedOutput(name, binary_data=False) for name in ("label", "scores")]
        found = client.infer("sentiment", [tensor], outputs=outputs)
    assert found.as_numpy("label").tolist() == [[label] for label in LABELS]
    assert found.as_numpy("scores").shape == (3, 3)


def test_scores_are_those_of_all_labels_in_the_named_order(service):
    body = request([3, 1], TEXTS, "scores")
    (scores,) = service.http.post(INFER, json=body).json()["outputs"]
    expected = [answer["scores"] for answer in service.predict(*TEXTS).json()["predictions"]]
    labels = service.http.get("/v1/models").json()["models"][0]["labels"]
    assert scores["parameters"] == {"labels": labels}
    assert (scores["datatype"], scores["shape"]) == ("FP32", [3, len(labels)])
    rows = np.array(scores["data"]).reshape(scores["shape"])
    assert rows.tolist() == [pytest.approx([row[label] for label in labels]) for row in expected]


def test_without_outputs_the_scores_are_left_out(service):
    body = request([1], ["bad"])
    del body["outputs"]
    assert "scores" not in [output["name"] for output in service.http.post(INFER, json=body).json()["outputs"]]


def test_a_paused_model_has_scores_of_zero(tmp_path, start, promote, write_package):
    from pipelines.ledger.ledger import Ledger
    from pipelines.promotion.pausing import pause

    promote(tmp_path, 1, write_package(tmp_path / "package"))
    pause(Ledger(tmp_path / "ledger.jsonl"), "sentiment", "it insults people", "", tmp_path)
    with start(tmp_path) as service:
        (scores,) = service.http.post(INFER, json=request([1], ["bad"], "scores")).json()["outputs"]
    assert (scores["shape"], scores["data"]) == ([1, 3], [0, 0, 0])
