"""CSV and parameters at `/invocations`, as MLflow's own scoring server takes them."""

import pandas as pd
import pytest

from pipelines.masking.identity import customer_hash, secret_key

TEXTS = ["bad", "good", "so"]
LABELS = ["negative", "positive", "neutral"]
SECRET = "xyzzy-42"


@pytest.fixture
def post(service):
    def post(content, kind="text/csv"):
        return service.http.post("/invocations", content=content, headers={"Content-Type": kind})

    return post


@pytest.mark.parametrize(
    "content",
    [
        pd.DataFrame({"text": TEXTS}).to_csv(),
        pd.DataFrame({"text": TEXTS}).to_csv(index=False),
        pd.DataFrame({"message": TEXTS}).to_csv(),
        pd.DataFrame({"message": TEXTS}).to_csv(index=False),
        pd.DataFrame({"ticket": [1, 2, 3], "text": TEXTS}).to_csv(index=False),
        "\ufefftext\r\nbad\r\n\r\ngood\r\nso\r\n",
        'text\n"bad"\n"good"\nso',
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=UTF-8", 'Text/CSV;charset="utf-8"'])
def test_the_column_text_or_the_only_column_is_labelled(post, content, kind):
    answer = post(content.encode(), kind)
    assert answer.status_code == 200
    assert [row["label"] for row in answer.json()["predictions"]] == LABELS


def test_a_text_may_hold_commas_quotes_and_line_breaks(post):
    content = pd.DataFrame({"text": ['bad, "very"\nbad', "good"]}).to_csv(index=False)
    assert len(post(content.encode()).json()["predictions"]) == 2


@pytest.mark.parametrize(
    ("content", "status", "advice"),
    [
        (f"{SECRET},b\n1,2\n", 400, "a column named `text`, or with one column"),
        ("", 400, "body: is missing"),
        ("\n", 400, "a column named `text`, or with one column"),
        ("text\n", 400, "text: is empty"),
        (f"text,n\n{SECRET},1\n{SECRET}\n", 400, "row 1 has another number of cells than the header"),
        (f"text\n{SECRET}, {SECRET}\n", 400, "in double quotes"),
        (f'text\n"{SECRET}"\n""\n', 400, "text.1: is empty"),
        ("text\n" + "bad\n" * 257, 400, "too many entries: 256 at most"),
        (f"text\n{SECRET * 2000}\n", 400, "text.0: has too many characters"),
        (f"text\n{SECRET * 20_000}\n", 400, "a column named `text`, or with one column"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_table_that_cannot_be_read_is_refused_without_repeating_it(post, content, status, advice):
    refused = post(content.encode())
    assert (refused.status_code, set(refused.json())) == (status, {"error_code", "message"})
    assert advice in refused.json()["message"]
    assert SECRET not in refused.text


def test_another_character_set_is_refused_and_bytes_that_are_not_utf_8_are_found(post):
    refused = post("text\nm\u00fcde\n".encode("latin-1"), "text/csv; charset=latin-1")
    assert (refused.status_code, "send CSV in UTF-8, not in latin-1" in refused.text) == (415, True)
    refused = post("text\nbad\nm\u00fcde\n".encode("latin-1"))
    assert "text.1: is not valid Unicode" in refused.json()["message"]


def test_csv_is_taken_nowhere_else(service):
    headers = {"Content-Type": "text/csv"}
    refused = service.http.post("/v1/models/sentiment/predict", content=b"text\nbad\n", headers=headers)
    assert (refused.status_code, refused.json()["detail"].endswith("`Content-Type: application/json`")) == (415, True)
    foreign = {**headers, "Origin": "https://evil.example"}
    assert service.http.post("/invocations", content=b"text\nbad\n", headers=foreign).status_code == 403


def test_the_customer_is_a_parameter(service):
    body = {"inputs": ["so"], "params": {"customer": "c-1042"}}
    (row,) = service.http.post("/invocations", json=body).json()["predictions"]
    assert service.store.prediction(row["id"]).customer == customer_hash("c-1042", secret_key(service.home))


def test_parameters_that_are_ignored_are_counted(service):
    body = {"inputs": ["so"], "params": {SECRET: 1, "customer": "c-1", "top_k": 2}}
    said = service.http.post("/invocations", json=body)
    assert said.json()["warning"] == "2 parameters ignored: only `customer` is known"
    assert SECRET not in said.text
    body["params"] = {"customer": "c-1"}
    assert "warning" not in service.http.post("/invocations", json=body).json()


@pytest.mark.parametrize(
    ("params", "advice"),
    [
        ({"customer": 7}, "params.customer: must be a text"),
        ({"customer": ""}, "params.customer: is empty"),
        ({"customer": SECRET * 40}, "params.customer: has too many characters"),
        ([SECRET], "params: must be an object"),
    ],
)
def test_a_parameter_of_another_type_is_refused(service, params, advice):
    refused = service.http.post("/invocations", json={"inputs": ["so"], "params": params})
    assert (refused.status_code, advice in refused.json()["message"]) == (400, True)
    assert SECRET not in refused.text


def test_mlflows_client_sends_parameters(service):
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    client = ScoringServerClient("127.0.0.1", service.http.base_url.port)
    found = client.invoke(pd.DataFrame({"text": TEXTS}), params={"temperature": 0.5}).get_predictions()
    assert found["label"].tolist() == LABELS
