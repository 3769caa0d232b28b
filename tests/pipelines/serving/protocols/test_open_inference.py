"""The Open Inference Protocol v2, as Triton's own client speaks it."""

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException


@pytest.fixture(scope="module")
def triton(service):
    with InferenceServerClient(f"127.0.0.1:{service.http.base_url.port}") as client:
        yield client


def tensor(*texts, binary=False):
    found = InferInput("text", [len(texts)], "BYTES")
    found.set_data_from_numpy(np.array(texts, dtype=object), binary_data=binary)
    return [found]


def outputs(*names, binary=False):
    return [InferRequestedOutput(name, binary_data=binary) for name in names]


def test_the_server_and_the_model_are_live_and_ready(triton):
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready("sentiment")
    assert triton.is_model_ready("sentiment", "3")
    assert not triton.is_model_ready("sentiment", "2")
    assert not triton.is_model_ready("sentimental")


def test_a_server_whose_champion_is_missing_is_live_but_not_ready(tmp_path, start, promote):
    promote(tmp_path, 1, tmp_path / "nowhere", digest="0" * 64)
    with start(tmp_path) as service, InferenceServerClient(f"127.0.0.1:{service.http.base_url.port}") as client:
        assert client.is_server_live()
        assert not client.is_server_ready()
        assert not client.is_model_ready("sentiment")
        with pytest.raises(InferenceServerException, match="/readyz") as refused:
            client.infer("sentiment", tensor("bad"), outputs=outputs("label"))
        assert refused.value.status() == "503"


def test_the_metadata_name_the_tensors(triton):
    assert triton.get_server_metadata()["name"] == "needloop"
    found = triton.get_model_metadata("sentiment")
    assert triton.get_model_metadata("sentiment", "3") == found
    assert (found["name"], found["versions"]) == ("sentiment", ["3"])
    assert found["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert found["outputs"] == [
        {"name": "label", "datatype": "BYTES", "shape": [-1]},
        {"name": "score", "datatype": "FP32", "shape": [-1]},
        {"name": "id", "datatype": "BYTES", "shape": [-1]},
        {"name": "abstained", "datatype": "BOOL", "shape": [-1]},
        {"name": "answer", "datatype": "BYTES", "shape": [-1]},
        {"name": "scores", "datatype": "FP32", "shape": [-1, 3]},
    ]


@pytest.mark.parametrize("version", ["", "3"])
def test_labels_and_scores_come_in_the_order_of_the_texts(triton, service, version):
    found = triton.infer(
        "sentiment",
        tensor("bad", "good", "so"),
        model_version=version,
        outputs=outputs("label", "score"),
        request_id="of mine",
    )
    assert found.as_numpy("label").tolist() == ["negative", "positive", "neutral"]
    scores = found.as_numpy("score")
    assert scores.dtype == np.float32
    expected = [one["score"] for one in service.predict("bad", "good", "so").json()["predictions"]]
    assert scores.tolist() == pytest.approx(expected)
    said = found.get_response()
    assert (said["model_name"], said["model_version"], said["id"]) == ("sentiment", "3", "of mine")


def test_only_the_outputs_that_are_asked_for_come_back_in_their_order(triton):
    asked = triton.infer("sentiment", tensor("bad"), outputs=outputs("score", "label")).get_response()
    assert [one["name"] for one in asked["outputs"]] == ["score", "label"]
    asked = triton.infer("sentiment", tensor("bad"), outputs=outputs("label")).get_response()
    assert [one["name"] for one in asked["outputs"]] == ["label"]


def test_an_answer_has_the_id_that_feedback_names(triton, service):
    found = triton.infer("sentiment", tensor("bad"), outputs=outputs("id", "abstained"))
    assert found.as_numpy("abstained").tolist() == [False]
    (id,) = found.as_numpy("id").tolist()
    assert service.http.post("/v1/feedback", json={"prediction": id, "label": "neutral"}).status_code == 201


def test_texts_may_be_anything_that_utf_8_can_write(triton):
    texts = ["\u884c\u674e\u4e22\u4e86 bad", "\U0001f621 bad", "\u0645\u0631\u062d\u0628\u0627 bad"]
    found = triton.infer("sentiment", tensor(*texts), outputs=outputs("label"))
    assert found.as_numpy("label").tolist() == ["negative"] * 3


def test_answers_are_kept_masked(triton, service):
    before = service.store.answered_keys("sentiment")
    triton.infer("sentiment", tensor("so tell jane.roe@somewhere.org of protocols"), outputs=outputs("label"))
    (key,) = service.store.answered_keys("sentiment") - before
    (id,) = (id for found, id in service.store.without_feedback("sentiment").items() if found == key)
    assert service.store.prediction(id).text == "so tell <EMAIL> of protocols"


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        (tensor("bad", binary=True), outputs("label")),
        (tensor("bad"), outputs("label", binary=True)),
        (tensor("bad"), None),
    ],
    ids=["binary input", "binary output", "no outputs, which this client takes for binary ones"],
)
def test_binary_tensors_are_refused_with_what_to_do(triton, inputs, wanted):
    with pytest.raises(InferenceServerException, match="binary_data=False") as refused:
        triton.infer("sentiment", inputs, outputs=wanted)
    assert refused.value.status() == "400"


def test_an_unknown_model_is_refused_with_those_there_are(triton):
    with pytest.raises(InferenceServerException, match="choose from intent, sentiment") as refused:
        triton.infer("sentimental", tensor("bad"), outputs=outputs("label"))
    assert refused.value.status() == "404"


def test_a_version_that_is_not_champion_is_refused_with_the_one_that_is(triton):
    with pytest.raises(InferenceServerException, match="only version 3"):
        triton.infer("sentiment", tensor("bad"), model_version="2", outputs=outputs("label"))


def test_a_paused_model_gives_no_label(tmp_path, start, promote, write_package):
    from pipelines.ledger.ledger import Ledger
    from pipelines.promotion.pausing import pause

    promote(tmp_path, 1, write_package(tmp_path / "package"))
    pause(Ledger(tmp_path / "ledger.jsonl"), "sentiment", "it insults people", "", tmp_path)
    with start(tmp_path) as service, InferenceServerClient(f"127.0.0.1:{service.http.base_url.port}") as client:
        found = client.infer("sentiment", tensor("bad", "good"), outputs=outputs("label", "score", "abstained"))
        assert found.as_numpy("label").tolist() == ["", ""]
        assert found.as_numpy("abstained").tolist() == [True, True]
        assert found.as_numpy("score").tolist() == [0, 0]


GOOD = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["xyzzy-42"]}]}


def changed(**more):
    return {"inputs": [{**GOOD["inputs"][0], **more}]}


def test_without_outputs_all_come_back_as_json(service):
    said = service.http.post("/v2/models/sentiment/infer", json=GOOD).json()
    assert [one["name"] for one in said["outputs"]] == ["label", "score", "id", "abstained"]
    assert "id" not in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (changed(name="texts"), "inputs.0.name"),
        (changed(datatype="FP32"), "inputs.0.datatype"),
        (changed(shape=[2]), "the shape must be [1]"),
        (changed(shape=[1, 2]), "the shape must be [1] or [1, 1]"),
        (changed(shape=[1, 1, 1]), "the shape must be [1] or [1, 1]"),
        (changed(shape=[]), "the shape must be [1] or [1, 1]"),
        (changed(data=[["xyzzy-42"], "xyzzy-42"], shape=[2]), "inputs.0.data.0: must be a text"),
        (changed(data=[[["xyzzy-42"]]]), "inputs.0.data.0: must be a text"),
        (changed(data=[7]), "inputs.0.data.0"),
        (changed(data=["xyzzy-42" * 2000]), "10000"),
        (changed(data=["\u200b"]), "at least one visible character"),
        (changed(shape=[300], data=["xyzzy-42"] * 300), "256"),
        (GOOD | {"outputs": [{"name": "xyzzy-42"}]}, "'label', 'score', 'id', 'abstained', 'answer' or 'scores'"),
        ({"inputs": []}, "inputs"),
        ({"inputs": GOOD["inputs"] * 2}, "inputs"),
        ({}, "inputs"),
        ([], "body"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_malformed_request_is_a_bad_one_in_the_protocols_form(service, body, said):
    refused = service.http.post("/v2/models/sentiment/infer", json=body)
    assert refused.status_code == 400
    assert list(refused.json()) == ["error"]
    assert said in refused.json()["error"]
    assert "xyzzy-42" not in refused.text
