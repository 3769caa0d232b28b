"""A kind without labels, over HTTP: predictions, feedback, and the inbox."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.pipelines.serving.conftest import promote, running, write_package

VOTES = ((0.1,), (0.0,), (0.5,), (0.9,), (1.0,))  # of an unknown word, of bad, so, good and <EMAIL>
CATALOG = """
[[model]]
name = "happy"
kind = "stars"

[model.source]
uri = "stars.csv"
label = "stars"

[model.gate]
near = 0.5
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    home = tmp_path_factory.mktemp("stars")
    (home / "catalog.toml").write_text(CATALOG)
    package = write_package(home / "package", kind="stars", model="happy", votes=VOTES)
    promote(home, 1, package, model="happy")
    with running(home, call="tests.pipelines.serving.starting:with_stars") as service:
        service.store.create_key("admin", ["admin"])
        yield service.sign_in()


def ask(service, *texts, **more):
    answer = service.http.post("/v1/models/happy/predict", json={"texts": texts, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def say(service, prediction, **said):
    return service.http.post("/v1/feedback", json={"prediction": prediction["id"], **said})


def listed(service, route):
    answer = service.http.get(f"/v1/models/happy/{route}")
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["messages"]}


def feedback_counts(service):
    """The feedback counts of the metrics: usable and unusable for training."""
    families = text_string_to_metric_families(service.http.get("/metrics").text)
    counts = [one for family in families for one in family.samples if one.name == "needloop_feedback_total"]
    return {one.labels["teaches"]: one.value for one in counts if one.labels["model"] == "happy"}


def test_each_text_has_its_number_and_no_label(service):
    found = ask(service, "good", "bad bad", "so", "write to jane.roe@somewhere.org")
    assert [one["stars"] for one in found] == [0.9, 0.0, 0.5, 1.0]
    assert all(one.keys() == {"id", "stars"} for one in found)
    kept = service.store.prediction(found[0]["id"])
    assert (kept.kind, kept.label, kept.score, kept.payload) == ("stars", None, None, {"stars": 0.9})
    assert service.http.get("/readyz").json()["problems"] == {}


def test_a_confirmed_answer_is_kept_and_teaches_nothing(service):
    before = feedback_counts(service)
    (found,) = ask(service, "good confirmed")
    assert say(service, found, correct=True).status_code == 201
    (said,) = listed(service, "messages")[found["id"]]["said"]
    assert (said["label"], said["correct"], said["none"]) == (None, True, False)
    after = feedback_counts(service)
    assert after["false"] == before.get("false", 0) + 1
    assert after.get("true") == before.get("true")


def test_a_named_number_teaches(service):
    (found,) = ask(service, "good named")
    assert say(service, found, label="0.25").status_code == 201
    (said,) = listed(service, "messages")[found["id"]]["said"]
    assert said["label"] == "0.25"
    assert found["id"] not in listed(service, "review")


def test_an_answer_to_which_nothing_fits_is_kept_and_leaves_the_inbox(service):
    (found,) = ask(service, "good for nothing")
    assert say(service, found, none=True).status_code == 201
    (said,) = listed(service, "messages")[found["id"]]["said"]
    assert (said["label"], said["correct"], said["none"]) == (None, False, True)
    assert found["id"] not in listed(service, "review")


def test_what_nobody_labelled_waits_in_the_inbox_and_what_was_called_wrong_comes_first(service):
    (wrong,) = ask(service, "so wrong")
    (plain,) = ask(service, "so unlabelled")
    assert say(service, wrong, correct=False).status_code == 201
    queue = list(listed(service, "review"))
    assert plain["id"] in queue
    assert queue[0] == wrong["id"]


@pytest.mark.parametrize("route", ["/v1/models", "/v1/models/happy/messages", "/v1/models/happy/review", "/v1/loop"])
def test_the_console_shows_a_model_whose_answers_have_no_label(service, route):
    ask(service, "good console")
    assert service.http.get(route).status_code == 200
