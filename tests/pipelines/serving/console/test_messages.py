import pytest

from tests.pipelines.serving.conftest import running

ALL = "/v1/models/sentiment/messages"


def pages(console, limit):
    older = ""
    while older is not None:
        page = console.get(ALL, params={"limit": limit, **({"before": older} if older else {})})
        yield page["messages"]
        older = page["older"]


def test_pages_follow_each_other_from_the_newest_to_the_oldest(console):
    found = [one["id"] for page in pages(console, 25) for one in page]
    assert found == console.ids[::-1]


def test_a_message_shows_its_answer_and_what_was_said_about_it(console):
    first, second, *_ = console.get(ALL)["messages"]
    assert first["said"] == []
    (said,) = second["said"]
    assert (said["label"], said["rating"], said["comment"]) == ("positive", 4, "as <NAME> said")
    assert first["text"].endswith("(59)")
    assert first["score"] == max(first["scores"].values())


def test_a_page_after_an_unknown_message_is_refused(console):
    assert console.ask("GET", ALL, params={"before": "nobody"}).status_code == 404


@pytest.mark.parametrize("model", ["%00", "a%0Ab", "m" * 41])
@pytest.mark.parametrize("what", ["messages", "review"])
def test_what_can_be_no_name_of_a_model_reaches_no_database(console, model, what):
    assert console.ask("GET", f"/v1/models/{model}/{what}").status_code == 404


@pytest.mark.parametrize("what", ["messages", "review"])
def test_an_unknown_model_is_told_and_a_declared_one_has_none_yet(console, what):
    unknown = console.ask("GET", f"/v1/models/nope/{what}")
    assert (unknown.status_code, unknown.json()["detail"][:32]) == (404, "no such model; choose from inten")
    assert console.get(f"/v1/models/intent/{what}")["messages"] == []


@pytest.mark.parametrize("what", ["messages", "review", "history"])
def test_a_model_that_is_known_and_not_loaded_is_shown(tmp_path, start, promote, write_package, what):
    promote(tmp_path, 1, write_package(tmp_path / "gone"), model="topics", digest="0" * 64)
    promote(tmp_path, 1, tmp_path / "gone", model="held", event="hold")
    with start(tmp_path) as service:
        for model in ("topics", "held"):
            assert service.http.get(f"/v1/models/{model}/{what}").status_code == 200


@pytest.mark.parametrize("what", ["messages", "review"])
def test_a_broken_ledger_hides_no_message(tmp_path, start, promote, write_package, what):
    promote(tmp_path, 1, write_package(tmp_path / "package"), model="topics")
    (tmp_path / "ledger.jsonl").write_text("{}\n")
    with start(tmp_path) as service:
        assert service.http.get(f"/v1/models/topics/{what}").status_code == 200


@pytest.mark.parametrize("limit", [0, 201, "many"])
def test_a_page_has_a_sensible_size(console, limit):
    assert console.ask("GET", ALL, params={"limit": limit}).status_code == 422


def test_a_label_said_in_the_review_leaves_the_queue_and_comes_back_when_it_is_undone(console):
    first, *_ = queue = console.get("/v1/models/sentiment/review")["messages"]
    assert first["abstained"]
    said = {"prediction": first["id"], "label": "neutral"}
    kept = console.ask("POST", "/v1/feedback", json=said).json()
    assert first["id"] not in {one["id"] for one in console.get("/v1/models/sentiment/review")["messages"]}
    undone = console.ask("POST", "/v1/feedback/undo", json={"feedback": kept["id"]})
    assert undone.status_code == 200
    assert console.get("/v1/models/sentiment/review")["messages"] == queue


def test_what_nobody_said_cannot_be_undone(console):
    assert console.ask("POST", "/v1/feedback/undo", json={"feedback": 4711}).status_code == 404


def test_who_may_only_give_feedback_may_neither_read_nor_undo(console):
    assert console.ask("GET", ALL, "feedback").status_code == 403
    assert console.ask("POST", "/v1/feedback/undo", "feedback", json={"feedback": 1}).status_code == 403


def test_a_caller_is_told_what_the_key_may_do(console):
    assert console.get("/v1/caller") == {"name": "admin", "scopes": ["admin"], "access": "keys"}


def test_without_any_key_a_caller_on_this_machine_may_ask_and_give_feedback_and_no_more(tmp_path):
    with running(tmp_path) as service:
        found = service.http.get("/v1/caller").json()
        assert found == {"name": "", "scopes": ["predict", "feedback"], "access": "open"}
        assert service.http.get(ALL).status_code == 401
        service.store.create_key("first", ["predict"])
        assert service.http.get("/v1/caller").status_code == 401
        assert service.http.get(ALL).status_code == 401
        assert service.http.get("/").status_code == 200


def test_the_newest_label_of_another_champion_stands_beside(tmp_path, start, promote, write_package):
    for model in ("sentiment", "intent"):
        promote(tmp_path, 1, write_package(tmp_path / model, model=model), model=model)
    with start(tmp_path) as service:
        for model, text in (("sentiment", "bad"), ("intent", "bad"), ("intent", "so")):
            service.http.post(f"/v1/models/{model}/predict", json={"texts": [text]})
        found = service.http.get("/v1/models/intent/messages").json()["messages"]
    assert [(one["text"], one["also"]) for one in found] == [("so", {}), ("bad", {"sentiment": "negative"})]
