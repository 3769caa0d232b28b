import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.ingestion.text import digest, normalise
from pipelines.masking.identity import customer_hash, secret_key

PREDICT = "/v1/models/sentiment/predict"


def test_texts_are_answered_in_their_order_with_ids_of_their_own(service):
    answer = service.predict("bad bad", "good", "so").json()
    assert (answer["model"], answer["version"]) == ("sentiment", 3)
    assert [one["label"] for one in answer["predictions"]] == ["negative", "positive", "neutral"]
    assert len({one["id"] for one in answer["predictions"]}) == 3
    for one in answer["predictions"]:
        assert set(one) == {"id", "label", "score", "scores", "abstained"}
        assert one["score"] == max(one["scores"].values()) == one["scores"][one["label"]]
        assert sum(one["scores"].values()) == pytest.approx(1)


def test_a_text_that_is_longer_than_the_model_reads_is_marked_and_counted(service):
    answers = service.predict("good", "good " * 32, "good " * 33).json()["predictions"]
    assert ["truncated" in answer for answer in answers] == [False, False, True]
    assert answers[2]["truncated"] is True
    assert service.store.prediction(answers[2]["id"]).text == ("good " * 33).strip()
    assert 'needloop_truncated_texts_total{model="sentiment"} 1.0' in service.http.get("/metrics").text


def test_html_is_no_part_of_the_question_and_nothing_but_html_is_an_empty_text(service):
    answered = service.first("<html><style>bad {}</style><p class='x'>so</p> <b>good</b></html>")
    assert service.store.prediction(answered["id"]).text == "so good"
    response = service.predict("good", "<div><br></div>")
    assert response.status_code == 422
    assert "visible character" in str(response.json()["detail"])


def test_what_was_answered_is_in_the_store_when_the_answer_arrives(service):
    answered = service.first("so  good&amp;good")
    kept = service.store.prediction(answered["id"])
    assert (kept.model, kept.version, kept.label, kept.score) == ("sentiment", 3, answered["label"], answered["score"])
    assert kept.payload == answered["scores"]
    assert kept.key == digest(normalise("so  good&amp;good"))
    assert kept.text == "so good&good"
    assert kept.customer is None


def test_personal_data_reach_neither_disk_nor_log(service):
    raw = "so bad @united write to jane.roe@somewhere.org or @janeroe"
    answered = service.first(raw, customer="c-10427788")
    kept = service.store.prediction(answered["id"])
    assert kept.text == "so bad @united write to <EMAIL> or <HANDLE>"
    assert kept.key == digest(normalise(raw))
    assert kept.customer == customer_hash("c-10427788", secret_key(service.home))
    for file in (path for path in service.home.rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert b"jane" not in content, file
        assert b"10427788" not in content, file


def test_the_model_sees_the_masked_text(service):
    assert service.first("so mail me@somewhere.org")["label"] == "positive"


def test_texts_at_once_from_many_clients_are_not_mixed_up(service):
    words = ["bad", "so", "good"] * 40

    def ask(numbered):
        number, word = numbered
        answered = service.first(f"{word} {word} {number}")
        return service.store.prediction(answered["id"]).text, answered["label"]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, enumerate(words)))
    named = {"bad": "negative", "so": "neutral", "good": "positive"}
    assert found == [(f"{word} {word} {number}", named[word]) for number, word in enumerate(words)]


def test_the_largest_lawful_request_is_answered(service):
    assert len(service.predict(*["so " * 3333] * 256).json()["predictions"]) == 256


SECRET = "xyzzy-42"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"texts": []},
        {"texts": SECRET},
        {"texts": [SECRET, ""]},
        {"texts": [SECRET * 1251]},
        {"texts": [SECRET] * 257},
        {"texts": [SECRET, 7]},
        {"texts": [SECRET, None]},
        {"texts": [SECRET, " \u200b\ufeff "]},
        {"texts": [SECRET], SECRET: 1},
        {"texts": [SECRET], "customer": ""},
        {"texts": [SECRET], "customer": 7},
        {"texts": [f"{SECRET}\ud800"]},
        [SECRET],
        SECRET,
        None,
    ],
    ids=str,
)
def test_a_malformed_request_is_refused_without_repeating_it(service, body):
    response = service.http.post(
        PREDICT, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert SECRET not in response.text
    assert all(set(one) == {"loc", "msg", "type"} for one in response.json()["detail"])
    assert SECRET not in service.log.read_text()


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 422), (b'{"texts": ["\xff"]}', 422), (b"[" * 200_000, 422), (b"", 422)],
    ids=["cut off", "no UTF-8", "nested", "empty"],
)
def test_what_is_not_json_is_refused(service, content, status):
    response = service.http.post(PREDICT, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert "Traceback" not in response.text


def test_an_unknown_model_is_answered_with_the_known_ones(service):
    response = service.http.post("/v1/models/sentimental/predict", json={"texts": ["so"]})
    assert response.status_code == 404
    assert response.json()["detail"].endswith("choose from intent, sentiment")


def test_a_declared_model_without_a_champion_says_so(service):
    response = service.http.post("/v1/models/intent/predict", json={"texts": ["so"]})
    assert response.status_code == 404
    assert "no champion yet" in response.json()["detail"]


def test_a_client_that_leaves_in_the_middle_is_no_failure_of_ours(service):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", service.http.base_url.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: 99\r\n\r\n{{".encode())
    assert service.predict("so").status_code == 200
    assert "ClientDisconnect" not in service.log.read_text()
    assert 'status="500"' not in service.http.get("/metrics").text


def test_a_request_that_is_wrong_in_many_ways_is_not_told_all_of_them(service):
    wrong = service.http.post("/invocations", json={"dataframe_records": [{"text": 1}] * 256})
    assert wrong.status_code == 400
    assert len(wrong.content) < 5000
    many = service.http.post("/invocations", json={"dataframe_records": [1] * 20_000})
    assert (many.status_code, len(many.content) < 5000) == (400, True)
    text = {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["so"]}
    often = {"inputs": [text], "outputs": [{"name": "label"}] * 7}
    assert service.http.post("/v2/models/sentiment/infer", json=often).status_code == 400


def test_many_texts_of_any_length_are_answered_in_their_order(service):
    texts = [word * times for times in (9, 1, 30, 2, 14) for word in ("bad ", "good ", "so ")]
    answered = service.predict(*texts).json()["predictions"]
    assert [one["label"] for one in answered] == ["negative", "positive", "neutral"] * 5
