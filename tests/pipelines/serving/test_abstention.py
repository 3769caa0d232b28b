import sqlite3

import pytest

from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.votes import AllowedCells

LABELS = AllowedCells(("negative", "neutral", "positive"))


@pytest.fixture(scope="module")
def careful(tmp_path_factory, start, promote, write_package):
    """A service whose model is certain of a repeated word (0.995), but not of a single word (0.909)."""
    home = tmp_path_factory.mktemp("careful")
    promote(home, 1, write_package(home / "package", threshold=0.95))
    with start(home) as service:
        yield service


def test_only_what_is_under_the_threshold_abstains_in_the_order_of_the_texts(careful):
    answered = careful.predict("bad", "bad bad", "good so", "good good").json()["predictions"]
    assert [one["abstained"] for one in answered] == [True, False, True, False]


def test_an_abstained_answer_still_says_what_it_would_have_been(careful):
    answered = careful.first("bad")
    assert answered["label"] == "negative"
    assert answered["score"] == answered["scores"]["negative"] < 0.95


def test_a_model_without_a_threshold_never_abstains(service):
    answered = service.predict("nothing it knows", "bad good so").json()["predictions"]
    assert [one["abstained"] for one in answered] == [False, False]


def test_scores_are_calibrated_by_the_temperature(tmp_path, start, promote, write_package, service):
    promote(tmp_path, 1, write_package(tmp_path / "package", temperature=3.0, threshold=0.6))
    with start(tmp_path) as doubtful:
        answered = doubtful.first("bad")
        assert (answered["label"], answered["abstained"]) == ("negative", True)
        assert answered["score"] == pytest.approx(2.71828 / 4.71828, abs=1e-4)


def test_the_store_keeps_whether_it_abstained(careful):
    unsure, sure = careful.predict("bad", "bad bad").json()["predictions"]
    assert careful.store.prediction(unsure["id"]).abstained is True
    assert careful.store.prediction(sure["id"]).abstained is False


def test_feedback_on_an_abstained_answer_teaches(careful):
    answered = careful.first("so bad indeed")
    assert answered["abstained"]
    said = {"prediction": answered["id"], "label": "negative"}
    kept = careful.http.post("/v1/feedback", json=said)
    assert kept.status_code == 201
    expected = LabelledText(
        careful.store.prediction(answered["id"]).key, "so bad indeed", "negative", kept.json()["id"]
    )
    assert careful.store.labelled_texts("sentiment", LABELS)[-1] == expected


def test_abstentions_are_counted(careful):
    careful.predict("bad")
    assert 'needloop_abstentions_total{model="sentiment"}' in careful.http.get("/metrics").text


# The fields that the schema gained after abstention.
COLUMNS = ("api_key", "customer", "review", "set_aside", "reason")
SINCE = "; ".join(
    [
        *(f"DROP INDEX feedback_{name}" for name in ("by_api_key", "by_customer", "set_aside")),
        *(
            f"ALTER TABLE feedback DROP COLUMN {name}"
            for name in ("api_key", "customer", "review", "set_aside", "reason", "none_fits")
        ),
        "ALTER TABLE predictions DROP COLUMN kind",
    ]
)


def test_a_store_from_before_abstention_goes_on_working(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with start(tmp_path) as service:
        before = service.first("bad")["id"]
    with sqlite3.connect(tmp_path / "needloop.db") as database:
        database.executescript(f"DROP TABLE needloop_version; DROP TABLE heads; {SINCE}")
        database.execute("ALTER TABLE predictions DROP COLUMN abstained")
    with start(tmp_path) as service:
        assert service.store.prediction(before).abstained is None
        assert service.http.post("/v1/feedback", json={"prediction": before, "correct": True}).status_code == 201
        assert service.store.prediction(service.first("bad")["id"]).abstained is False
