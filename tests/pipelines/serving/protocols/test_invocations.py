"""MLflow's scoring protocol, as MLflow's own client speaks it."""

import numpy as np
import pandas as pd
import pytest

TEXTS = ["bad", "good", "so"]
LABELS = ["negative", "positive", "neutral"]


@pytest.fixture(scope="module")
def scoring(service):
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    return ScoringServerClient("127.0.0.1", service.http.base_url.port)


def test_the_client_finds_the_service_ready_and_of_its_own_version(scoring):
    import mlflow

    scoring.wait_server_ready(timeout=10)
    scoring.ping()
    assert scoring.get_version() == mlflow.__version__


def test_a_service_whose_champion_is_missing_answers_no_ping(tmp_path, start, promote):
    promote(tmp_path, 1, tmp_path / "nowhere", digest="0" * 64)
    with start(tmp_path) as service:
        assert service.http.get("/ping").status_code == 503


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"text": TEXTS}),
        pd.DataFrame({"ticket": [1, 2, 3], "text": TEXTS}, index=[7, 8, 9]),
        np.array(TEXTS),
        TEXTS,
    ],
    ids=["frame", "frame with more", "array", "list"],
)
def test_every_kind_of_data_the_client_takes_is_labelled(scoring, data):
    found = scoring.invoke(data).get_predictions()
    assert found.columns.tolist() == ["label", "score", "id", "version", "abstained"]
    assert found["label"].tolist() == LABELS
    assert found["score"].between(0.5, 1).all()


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["text"], "data": [[text] for text in TEXTS]}},
        {"dataframe_split": {"index": [0, 1, 2], "columns": ["n", "text"], "data": [[1, text] for text in TEXTS]}},
        {"dataframe_records": [{"text": text, "n": None} for text in TEXTS]},
        {"instances": [{"text": text} for text in TEXTS]},
        {"instances": TEXTS},
        {"inputs": TEXTS},
        {"inputs": {"text": TEXTS}},
        {"inputs": TEXTS, "params": {"temperature": 0.5}},
        {"inputs": TEXTS, "params": {}},
        {"inputs": TEXTS, "params": None},
    ],
    ids=str,
)
def test_each_form_of_json_is_labelled(service, body):
    answer = service.http.post("/invocations", json=body)
    assert answer.status_code == 200
    assert [one["label"] for one in answer.json()["predictions"]] == LABELS


def test_an_answer_says_its_version_whether_it_abstained_and_the_id_that_feedback_names(scoring, service):
    ((id, version, abstained),) = scoring.invoke(["so"]).get_predictions()[["id", "version", "abstained"]].to_numpy()
    assert (version, abstained) == (3, service.predict("so").json()["predictions"][0]["abstained"])
    assert service.http.post("/v1/feedback", json={"prediction": id, "label": "neutral"}).status_code == 201


def test_a_single_text_in_a_column_is_one_row(service):
    assert len(service.http.post("/invocations", json={"inputs": {"text": "bad"}}).json()["predictions"]) == 1


def test_answers_are_kept_masked(scoring, service):
    before = service.store.answered_keys("sentiment")
    scoring.invoke(pd.DataFrame({"text": ["so tell jane.roe@somewhere.org of frames"]}))
    (key,) = service.store.answered_keys("sentiment") - before
    (id,) = (id for found, id in service.store.without_feedback("sentiment").items() if found == key)
    assert service.store.prediction(id).text == "so tell <EMAIL> of frames"


SECRET = "xyzzy-42"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "exactly one of dataframe_split, dataframe_records, instances, inputs"),
        ({"inputs": [SECRET], "instances": [SECRET]}, "exactly one of"),
        ({SECRET: [SECRET]}, "exactly one of"),
        ({"dataframe_split": {"columns": ["message"], "data": [[SECRET]]}}, "a column named `text`"),
        ({"dataframe_split": {"columns": ["n", "text"], "data": [[1, SECRET], [2]]}}, "a value in every row"),
        ({"dataframe_split": {"columns": ["text"]}}, "data"),
        ({"dataframe_records": [{"text": SECRET}, {"message": SECRET}]}, "a column named `text`"),
        ({"inputs": {"message": [SECRET]}}, "a column named `text`"),
        ({"inputs": SECRET}, "inputs"),
        ({"inputs": [SECRET, 7]}, "text.1: must be a text"),
        ({"inputs": [[SECRET]]}, "text.0: must be a text"),
        ({"inputs": []}, "text: is empty"),
        ({"inputs": [SECRET] * 257}, "too many entries: 256 at most"),
        ({"inputs": [SECRET * 2000]}, "too many characters: 10000 at most"),
        ({"inputs": [SECRET, "\u200b"]}, "at least one visible character"),
        ([SECRET], "body"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_malformed_request_is_refused_in_mlflows_form_without_repeating_it(service, body, said):
    refused = service.http.post("/invocations", json=body)
    assert refused.status_code == 400
    assert set(refused.json()) == {"error_code", "message"}
    assert refused.json()["error_code"] == "BAD_REQUEST"
    assert said in refused.json()["message"]
    assert SECRET not in refused.text


@pytest.mark.parametrize("kind", ["text/plain", "application/vnd.apache.parquet"])
def test_other_types_than_json_and_csv_are_refused_with_those_to_send(service, kind):
    refused = service.http.post("/invocations", content=b"text\nbad\n", headers={"Content-Type": kind})
    assert refused.status_code == 415
    assert "Content-Type: application/json`, or CSV with `Content-Type: text/csv`" in refused.json()["message"]


@pytest.fixture(scope="module")
def two(tmp_path_factory, promote, write_package):
    """A home with two champions."""
    home = tmp_path_factory.mktemp("two")
    promote(home, 1, write_package(home / "one"))
    promote(home, 1, write_package(home / "other", labels=("angry", "calm", "glad")), model="mood")
    return home


def test_of_several_models_one_must_be_named_in_the_settings(two, start):
    with start(two) as service:
        refused = service.http.post("/invocations", json={"inputs": ["bad"]})
        assert refused.status_code == 400
        assert "mood, sentiment" in refused.json()["message"]
        assert "NEEDLOOP_DEFAULT_MODEL" in refused.json()["message"]
    with start(two, NEEDLOOP_DEFAULT_MODEL="mood") as service:
        answer = service.http.post("/invocations", json={"inputs": ["bad"]})
        assert answer.json()["predictions"][0]["label"] == "angry"


def test_without_any_champion_the_client_is_told_so(tmp_path, start):
    with start(tmp_path) as service:
        refused = service.http.post("/invocations", json={"inputs": ["bad"]})
        assert refused.status_code == 400
        assert "no model has a champion yet" in refused.json()["message"]
    with start(tmp_path, NEEDLOOP_DEFAULT_MODEL="intent") as service:
        refused = service.http.post("/invocations", json={"inputs": ["bad"]})
        assert (refused.status_code, refused.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
